#!/bin/sh
# Finish a host's tree before its first start: format Kafka's storage, make a VM's disk.
# Run by Tree.run with the tree mounted at $1; $2: cluster id or nothing, $3: disk file or
# nothing, $4: size of the disk, $5: file of the disk for Kafka's data, $6: its size.
tree=$1 cluster=$2 disk=$3 size=$4 data_disk=$5 data_size=$6
if [ -n "$cluster" ]; then
    mount -t proc proc "$tree/proc"
    chroot "$tree" java @/opt/kafka/java.args @/etc/kafka/heap.args \
        kafka.tools.StorageTool format -t "$cluster" -c /etc/kafka/server.properties
    chroot "$tree" chown -R kafka: /var/lib/kafka
    umount "$tree/proc"
fi
if [ -n "$disk" ]; then
    rm -f "$disk" "$data_disk"
    if [ -n "$cluster" ]; then
        owner=$(stat -c %u:%g "$tree/var/lib/kafka")
        mkfs.ext4 -q -L kafka -J size=16 -E "lazy_itable_init=1,nodiscard,root_owner=$owner" \
            -d "$tree/var/lib/kafka" "$data_disk" "$data_size"
        echo 'LABEL=kafka /var/lib/kafka ext4 defaults 0 0' >>"$tree/etc/fstab"
    fi
    # 16 MiB of journal, inode tables left to the guest: neither takes time now.
    mkfs.ext4 -q -L root -J size=16 -E lazy_itable_init=1,nodiscard -d "$tree" "$disk" "$size"
fi
