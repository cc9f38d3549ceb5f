"""Properties files and PEM are read as Apache Kafka's own client reads them, which is asked."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from hypothesis import given, settings
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.client_config.java.pem import with_lines
from chaos_runner.kafka.client_config.properties_file import read_properties_file
from chaos_runner.kafka.client_config.user_settings import trimmed
from chaos_runner.kafka.common.notices import silent_logger
from tests.unit.kafka.client_config.java_oracle import Oracle, java_oracle

pytestmark = pytest.mark.skipif(
    not shutil.which("java") or not shutil.which("mvn"),
    reason="no java, or no mvn to fetch Kafka's jars with: scripts/install brings both",
)

CORPUS = [
    b"",
    b"a=1",
    b"\xe9=\xfc\nb=\xc3\xa9",
    b"security.protocol=SASL_SSL  \r\nsasl.password = \\ with blanks \\\r\n \t and more \r\n",
    b"a=\\u0041\\ud83d\\ude00\n\\u0062 c\n",
    b"a:1\n b 2\n\tc\t=\t3\t\n\fd\f:\f4\f\n",
    b"# comment \\\na=1\n! b=2\n  # c\n",
    b"a=1\\\n# not a comment\n",
    b"a=\\\n\\\n\n b=2\n",
    b"a=\\\r\n   \r\nb=2",
    b"a=1\\",
    b"\\\n#",
    b"\\\n#a=1\nb=2",
    b"\\\n \\\n!\\\na=1",
    b"a=1\\\\\nb=2",
    b"\\#a=1\n\\ b=2\n\\:c\\=d=3",
    b'a=\\q\\"\\t\\n\\f\\r',
    b"a=\\u12",
    b"a=\x001\x01\x1f\n",
    b"a=\xa01\xa0\xc2\x85\n",
    b"a\x85b=1\x0bc\x1cd\x1d\n",
    b"a",
    b"a=1\na=2\na=3",
    b"=1",
    b"\xef\xbb\xbfa=1",
    b"a=\\ud83d",
]


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with java_oracle() as asked:
        yield asked


def check(content: bytes, oracle: Oracle, file: Path) -> None:
    expected = oracle.properties(content)
    file.write_bytes(content)
    file.chmod(0o600)
    try:
        read = {each.name: trimmed(each).value for each in read_properties_file(file)}
    except UsageError:
        assert expected is None or not usable(expected, content), content
    else:
        # A lone backslash is to Java an empty name with an empty value, which nobody asks for.
        if expected is not None and expected.get("") == "":
            del expected[""]
        assert read == expected, content


def usable(properties: dict[str, str], content: bytes) -> bool:
    """Tell whether Java's reading makes sense; what does not is refused here with its line."""
    texts = [*properties, *properties.values()]
    halves = any(0xD800 <= ord(letter) <= 0xDFFF for text in texts for letter in text)
    # Of a name that is written twice Java forgets a half letter; the line is refused all the same.
    halves = halves or b"\\ud" in content.lower()
    return "" not in properties and not halves and not content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("content", CORPUS, ids=repr)
def test_what_people_write(content: bytes, oracle: Oracle, tmp_path: Path) -> None:
    check(content, oracle, tmp_path / "client.properties")


PIECES = st.sampled_from(
    [
        *(b"a", b"b", b"=", b":", b" ", b"\t", b"\f", b"\\", b"\n", b"\r", b"\r\n", b"#", b"!"),
        *(b"u", b"\x00", b"\x1f", b"\x85", b"\xa0", b"\x0b", b"\xe9"),
        *(b"\\u0041", b"\\u00e9", b"\\ud83d\\ude00"),
    ]
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("anything")


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=24))
def test_anything(pieces: list[bytes], oracle: Oracle, directory: Path) -> None:
    check(b"".join(pieces), oracle, directory / "client.properties")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = tmp_path_factory.mktemp("certificate")
    assert shutil.which("openssl")
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-x509", "-days", "2"]
    files = ["-keyout", str(directory / "key"), "-out", str(directory / "pem")]
    subprocess.run([*new, "-subj", "/CN=x", *files], check=True, capture_output=True)
    return (directory / "pem").read_text()


def body_of(pem: str) -> list[str]:
    return pem.strip().splitlines()[1:-1]


BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    "between",
    [" ", "\n", "  ", "\t", "\r\n", " \n "],
    ids=repr,
)
@pytest.mark.parametrize("copies", [1, 2])
def test_pem_with_any_blanks_between_its_letters(
    certificate: str, oracle: Oracle, between: str, copies: int
) -> None:
    one = between.join([BEGIN, *body_of(certificate), END])
    text = "\n".join([one] * copies)  # in one line Java would find the last one only
    assert oracle.certificates(text) == copies, "or it is no PEM to Kafka's own client"
    assert with_lines(text).count(f"{BEGIN}\n") == copies
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=with_lines(text))  # OpenSSL reads it
    assert len(context.get_ca_certs()) == 1, "the same one each time"
    written = {"security.protocol": "SSL", "ssl.truststore.certificates": text}
    client = client_settings("127.0.0.1:1", written)
    AdminClient(dict(client.common), logger=silent_logger())


def test_a_line_of_a_properties_file_goes_on(
    certificate: str, oracle: Oracle, tmp_path: Path
) -> None:
    body = " \\\n  ".join([BEGIN, *body_of(certificate), END])
    content = f"ssl.truststore.certificates={body}\n".encode()
    file = tmp_path / "client.properties"
    file.write_bytes(content)
    (read,) = read_properties_file(file)
    assert oracle.properties(content) == {read.name: read.value}
    assert oracle.certificates(read.value) == 1
    assert with_lines(read.value) == certificate


def test_what_is_no_such_block_stays() -> None:
    for text in ("", "x", f"{BEGIN} Proc-Type: 4,ENCRYPTED {END}", BEGIN):
        assert with_lines(text) == text
