# Finish a host's tree before its first start: format Kafka's storage, make a VM's disk.
# Run by Tree.run with the tree mounted at $tree; $1: cluster id or nothing, $2: disk file
# or nothing, $3: size of the disk.
if [ -n "$1" ]; then
    mount -t proc proc "$tree/proc"
    chroot "$tree" java @/opt/kafka/java.args @/etc/kafka/heap.args \
        kafka.tools.StorageTool format -t "$1" -c /etc/kafka/server.properties
    chroot "$tree" chown -R kafka: /var/lib/kafka
    umount "$tree/proc"
fi
if [ -n "$2" ]; then
    rm -f "$2"
    # 16 MiB of journal, inode tables left to the guest: neither takes time now.
    mkfs.ext4 -q -L root -J size=16 -E lazy_itable_init=1,nodiscard -d "$tree" "$2" "$3"
fi
