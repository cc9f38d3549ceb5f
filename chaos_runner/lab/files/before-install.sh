#!/bin/sh
# Prepare the essential Debian tree before the other packages are installed into it.
# Called by mmdebstrap with the tree's directory as only argument.
set -eu
root=$1

# The JRE's alternatives need the directory that `path-exclude` keeps from being made.
mkdir -p "$root/usr/share/man/man1"

# An initrd of only what finds a virtio disk with ext4 on it: an emulated processor unpacks it.
mkdir -p "$root/etc/initramfs-tools/conf.d" "$root/usr/share/initramfs-tools/modules.d"
printf '%s\n' MODULES=list BUSYBOX=n COMPRESS=lz4 FSTYPE=ext4 \
    >"$root/etc/initramfs-tools/conf.d/lab"
printf '%s\n' virtio_pci virtio_blk virtio_net ext4 crc32c_generic \
    >"$root/usr/share/initramfs-tools/modules.d/lab"
