"""The folders of linked devices, on real files."""

from pathlib import Path

from houston.transports.linked_worker.library import import_messages
from houston.transports.linked_worker.places import is_installed, live_folder


def test_two_data_folders_do_not_share_what_lies_open(tmp_path: Path):
    one, other = (live_folder(None, tmp_path / name) for name in ("one", "other"))
    assert one != other
    assert live_folder(tmp_path / "given", tmp_path) == tmp_path / "given"


def test_the_extra_is_found_while_its_messages_are_in_use() -> None:
    assert import_messages()
    assert is_installed()
