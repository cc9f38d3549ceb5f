# Become a light host: a root of its own over the shared file systems, its own /proc, /sys, /dev, /run and /tmp, its
# addresses, and an sshd as the first and only process. It is started in namespaces of its own (mount, process, UTS, IPC and
# network), which end with that sshd, and every mount with them.
#
# Arguments: the layers below, the upper layer, the work directory, the mount point, the host's name.
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2,workdir=$3" "$4"
hostname "$5"
cd "$4"
mount -t proc -o nosuid,nodev,noexec proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys # its settings are the machine's
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,size=16m,nosuid,nodev tmpfs run
mkdir run/sshd run/lock
mount -t tmpfs -o mode=1777,size=16m,nosuid,nodev tmpfs tmp
mount -t tmpfs -o mode=755,size=1m,nosuid tmpfs dev
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
sh etc/lab-network
pivot_root . mnt
# No clock, no reboot, no kernel of the machine: what a light host may change is its own.
exec chroot . sh -euc 'umount -l /mnt
exec setpriv --bounding-set=-sys_time,-sys_boot,-sys_module,-sys_rawio,-syslog,-mknod,-sys_ptrace /usr/sbin/sshd -D -e'
