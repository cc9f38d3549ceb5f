"""Files that others named or planted: nothing is waited for, exhausted, or followed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from chaos_runner.files import create_in, open_regular, read_limited, replace_file


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x" * 1024 * 1024)
    assert len(read_limited(file, 1024 * 1024)) == 1024 * 1024
    with file.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(OSError, match="it is larger than 1 MiB"):
        read_limited(file, 1024 * 1024)


def test_a_file_is_read_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to("file")
    assert read_limited(tmp_path / "link") == b"text"


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_not_opened(name: str, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(name)
    for file in (Path(name), link):
        with pytest.raises(OSError, match="it is a device"):
            open_regular(file)


@pytest.mark.parametrize("name", ["/proc/kmsg", "/proc/self/environ", "/sys/kernel/uevent_seqnum"])
def test_what_the_kernel_shows_as_files_is_not_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(name)
    for file in (Path(name), tmp_path / "link"):
        with pytest.raises(OSError, match="it is one of the kernel's"):
            open_regular(file)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is a named pipe"):
        open_regular(tmp_path / "pipe")


def test_neither_a_directory_nor_a_socket_nor_nothing_is_read(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a directory"):
        read_limited(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_limited(tmp_path / "missing")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="it is a socket"):
            read_limited(tmp_path / "s")


def test_a_kernel_file_that_would_be_waited_for_is_not(tmp_path: Path) -> None:
    """A regular file by its mode, of which a read blocks until the kernel says something."""
    kmsg = Path("/proc/kmsg")
    try:
        stream = open_regular(kmsg)
    except OSError:
        return  # only root may open it
    with stream:
        assert os.get_blocking(stream.fileno()) is False


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    place = tmp_path / "place"
    place.symlink_to(precious)
    replace_file(place, b"new")
    assert (precious.read_text(), place.read_text(), place.is_symlink()) == ("mine", "new", False)


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.write_text("a much longer text than the new one")
    replace_file(place, b"new", mode=0o600)
    assert place.read_text() == "new"
    assert place.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["place"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "directory").mkdir()
    for name, words in (("pipe", "a named pipe"), ("directory", "a directory")):
        with pytest.raises(OSError, match=words):
            replace_file(tmp_path / name, b"new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["directory", "pipe"]


def test_a_new_file_is_made_through_no_link_at_all(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "linked").symlink_to(elsewhere)
    (elsewhere / "taken").symlink_to(tmp_path / "nothing-yet")
    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        create_in(tmp_path / "linked", "new")
    with pytest.raises(FileExistsError):
        create_in(elsewhere, "taken")
    with create_in(elsewhere, "new") as stream:
        stream.write(b"text")
    assert (elsewhere / "new").read_bytes() == b"text"
    assert not (tmp_path / "nothing-yet").exists()
