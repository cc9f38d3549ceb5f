"""Start a host as a virtual machine: QEMU with the root file system's own kernel."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chaos_runner.lab.layout import HostPlace
from chaos_runner.lab.spec import HostSpec

DISK_SIZE = "4G"
DATA_DISK_SIZE = "2G"
"""Sparse: a VM's disks take what their files take."""

_KERNEL_COMMAND_LINE = (
    "root=/dev/vda rw rootfstype=ext4 console=ttyS0 net.ifnames=0 mitigations=off quiet "
    "random.trust_cpu=on panic=1 audit=0 nokaslr"
)
_EMULATION = {
    "kvm": "",
    # An emulated processor's counter is the machine's own, the same on all of its processors; but
    # the kernel sees no sign of that, and takes the HPET instead. Each look at the clock is then a
    # system call and an exit to QEMU, thousands of times a second for an idle JVM.
    #
    # Translated code is kept by its address. Where each program gets random ones, every start
    # translates its libraries anew: a hundred starts of /bin/true take 2.6 s in place of 0.6.
    "tcg": " tsc=reliable norandmaps",
}
_ACCELERATORS = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    # 256 MiB of translated code: a JVM's start does not fit into the default on small machines.
    "tcg": ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max"],
}


def accelerators(processor_flags: str, device: Path = Path("/dev/kvm")) -> list[str]:
    """Return the accelerators to try in turn; `processor_flags` is /proc/cpuinfo's text.

    The device alone proves nothing: it may exist, and open, and still run no guest.
    """
    virtual = re.search(r"^flags\s*:.*\b(vmx|svm)\b", processor_flags, re.MULTILINE)
    usable = virtual and os.access(device, os.R_OK | os.W_OK)
    return ["kvm", "tcg"] if usable else ["tcg"]


def counter_rate(processor: str) -> str:
    """Return what tells an emulated kernel how fast its counter counts; `processor` as above.

    That is the machine's own. A kernel that is emulated on a busy machine measures it wrong, and
    its clocks then go three times as fast. Linux gives twice the counter's MHz as `bogomips`.
    """
    constant = re.search(r"^flags\s*:.*\bconstant_tsc\b", processor, re.MULTILINE)
    rate = re.search(r"^bogomips\s*:\s*([0-9]+\.[0-9]+)$", processor, re.MULTILINE)
    return f" tsc_early_khz={float(rate[1]) * 500:.0f}" if constant and rate else ""


def qemu_command(
    host: HostSpec, place: HostPlace, boot: Path, accelerator: str, processor: str = ""
) -> list[str]:
    """Return the command that powers the VM on; `boot` holds the kernel and its initrd.

    `processor` is /proc/cpuinfo's text, for a machine that is emulated.
    """
    kernel, initrd = _newest(boot, "vmlinuz-*"), _newest(boot, "initrd.img-*")
    rate = counter_rate(processor) if accelerator == "tcg" else ""
    return [
        *("qemu-system-x86_64", "-name", place.namespace, "-nodefaults", "-no-user-config"),
        *_ACCELERATORS[accelerator],
        *("-smp", str(host.processors), "-m", str(host.memory)),
        *("-kernel", str(kernel), "-initrd", str(initrd), "-append"),
        _KERNEL_COMMAND_LINE + _EMULATION[accelerator] + rate,
        # Unsafe towards a power cut of the control node, not of the guest: the lab is thrown away.
        *_drive(place.disk),
        *(_drive(place.data_disk) if host.roles else ()),
        *("-netdev", f"tap,id=net,ifname={place.interface},script=no,downscript=no"),
        *("-device", f"virtio-net-pci,netdev=net,mac={place.mac},romfile="),
        *("-device", "virtio-rng-pci"),
        *("-display", "none", "-serial", "stdio"),
        *("-monitor", f"unix:{place.directory}/monitor.sock,server=on,wait=off"),
    ]


def _drive(image: Path) -> tuple[str, str]:
    return "-drive", f"file={image},format=raw,if=virtio,cache=unsafe"


def _newest(boot: Path, pattern: str) -> Path:
    return max(boot.glob(pattern))
