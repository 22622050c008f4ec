"""Whom JupyterLab, as scripts/lab.sh starts it, lets in."""

import ipaddress
import json
import time
import urllib.error
import urllib.request

import psutil
import pytest
from conftest import TOKEN


def answer(address, path, token=None, **more):
    """What the server answers: its status, and the content."""
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(address + path, headers=headers, **more), timeout=30) as got:
            return got.status, got.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


@pytest.mark.parametrize("path", ["/api/contents", "/api/kernels", "/api/terminals"])
def test_only_the_token_opens(lab, path):
    address, _ = lab
    assert answer(address, path)[0] == 403
    assert answer(address, path, "another-token")[0] == 403
    assert answer(address, path, TOKEN)[0] == 200


def test_files_are_not_given_away(lab):
    address, folder = lab
    content = (folder / "inputs.csv").read_bytes()
    assert answer(address, "/files/inputs.csv")[1] != content  # but the page that asks for the token
    assert answer(address, "/files/inputs.csv", TOKEN) == (200, content)


def listeners(server):
    """The addresses at which a process and its children listen."""
    family = [server, *(child.pid for child in psutil.Process(server).children(recursive=True))]
    return [c.laddr for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.pid in family]


def test_listens_on_this_machine_only(lab):
    address, _ = lab
    status, content = answer(address, "/api/kernels", TOKEN, data=b'{"name": "gonb"}')
    assert status == 201, content
    port = int(address.rsplit(":", 1)[1])
    server = next(c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr.port == port)
    ends = time.monotonic() + 30  # the answer comes before the kernel listens
    while len(listening := listeners(server)) < 2 and time.monotonic() < ends:
        time.sleep(0.2)
    assert len(listening) > 1, listening  # the server's, and the kernel's
    assert all(ipaddress.ip_address(at.ip).is_loopback for at in listening), listening
    answer(address, f"/api/kernels/{json.loads(content)['id']}", TOKEN, method="DELETE")
