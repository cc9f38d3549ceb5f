#!/bin/sh
# Turn a fresh Debian tree into the root file system of every lab host.
# Called by mmdebstrap with the tree's directory as only argument.
set -eu
root=$1

# What a boot in the lab can do without. Under an emulated processor each unit costs a second.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    fstrim.timer logrotate.timer man-db.timer e2scrub_reap.service systemd-pstore.service \
    systemd-networkd-wait-online.service systemd-timesyncd.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service systemd-random-seed.service systemd-binfmt.service \
    systemd-fsck-root.service systemd-remount-fs.service systemd-journal-flush.service \
    getty@.service serial-getty@.service console-getty.service container-getty@.service \
    getty-static.service networking.service nftables.service stress-ng.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
    modprobe@configfs.service modprobe@drm.service modprobe@fuse.service \
    sys-fs-fuse-connections.mount sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount
do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done

chroot "$root" useradd --create-home --shell /bin/bash --groups adm,systemd-journal ops
chroot "$root" useradd --system --home-dir /var/lib/kafka --shell /usr/sbin/nologin kafka
printf 'ops ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/ops"
chmod 440 "$root/etc/sudoers.d/ops"

cat >"$root/etc/ssh/sshd_config.d/lab.conf" <<'END'
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
MaxStartups 100:30:200
MaxSessions 100
PrintLastLog no
UseDNS no
END
rm -f "$root"/etc/ssh/ssh_host_*

# The addresses come from a file that `lab up` writes; every boot of every backend reads it.
cat >"$root/etc/systemd/system/lab-network.service" <<'END'
[Unit]
Description=Addresses of this lab host
DefaultDependencies=no
After=systemd-udevd.service
Before=network.target network-online.target
Wants=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /etc/lab-network

[Install]
WantedBy=multi-user.target
END
chroot "$root" systemctl enable --quiet lab-network.service ssh.service

# No time source: the hosts have no way out. The user of a clock fault adds one.
printf 'driftfile /var/lib/chrony/chrony.drift\nmakestep 1 3\nrtcsync\n' >"$root/etc/chrony/chrony.conf"
printf '[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\n' >"$root/etc/systemd/journald.conf"
: >"$root/etc/resolv.conf"
: >"$root/etc/fstab"
: >"$root/etc/default/locale"
: >"$root/etc/machine-id"
rm -rf "$root/var/log/journal" "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* \
    "$root/etc/hostname" "$root/etc/hosts"
