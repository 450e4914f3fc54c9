"""A plain dictionary stands for the environment; files are real ones in a temporary folder."""

from pathlib import Path

import pytest

from houston.kernel.errors import BadSetting
from houston.kernel.settings import KINDS, Settings
from houston.kernel.settings_reading import load
from tools import settings_page


def test_runs_without_any_setting():
    settings = load({})

    assert settings == Settings()
    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)


def test_reads_the_environment_and_ignores_what_is_not_ours():
    settings = load({"HOUSTON_PORT": "81", "HOUSTON_V3_OK_AS_JSON": "true", "PATH": "/bin"})

    assert settings.port == 81
    assert settings.v3_ok_as_json is True


def test_reads_a_toml_file_that_the_environment_overrules(tmp_path: Path):
    file = tmp_path / "houston.toml"
    file.write_text('port = 81\nlog_level = "debug"\nnode_ttl_seconds = 5\n')

    settings = load({"HOUSTON_CONFIG": str(file), "HOUSTON_PORT": "82"})

    assert (settings.port, settings.log_level, settings.node_ttl_seconds) == (82, "debug", 5)


def test_the_command_line_names_the_file_before_the_environment_does(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text("port = 81\n")

    assert load({"HOUSTON_CONFIG": str(tmp_path / "absent.toml")}, file).port == 81


def test_an_empty_variable_counts_as_absent(tmp_path: Path):
    file = tmp_path / "houston.toml"
    file.write_text("port = 81\n")

    assert load({"HOUSTON_PORT": "", "HOUSTON_SIMULATOR_URL": ""}, file).port == 81


def test_opens_the_home_in_a_path():
    assert load({"HOUSTON_DATA_DIR": "~/houston"}).data_dir == Path.home() / "houston"


@pytest.mark.parametrize(
    ("env", "field", "cure"),
    [
        ({"HOUSTON_PORT": "http"}, "HOUSTON_PORT", "it must be a number from 0 to 65535"),
        ({"HOUSTON_PORT": "65536"}, "HOUSTON_PORT", "it must be a number from 0 to 65535"),
        ({"HOUSTON_LOG_LEVEL": "loud"}, "HOUSTON_LOG_LEVEL", "it must be debug, info, warning"),
        ({"HOUSTON_V3_OK_AS_JSON": "maybe"}, "HOUSTON_V3_OK_AS_JSON", "it must be true or false"),
        ({"HOUSTON_SIMULATOR_URL": "here"}, "HOUSTON_SIMULATOR_URL", "such as http://127.0.0.1"),
        ({"HOUSTON_NODE_TTL_SECONDS": "1"}, "HOUSTON_NODE_TTL_SECONDS", "a number from 3 to 60"),
        ({"HOUSTON_PROT": "1"}, "HOUSTON_PROT", "did you mean HOUSTON_PORT?"),
        ({"HOUSTON_": "1"}, "HOUSTON_", "there is no such setting"),
        ({"HOUSTON_CONFIG": "absent.toml"}, "HOUSTON_CONFIG", "it cannot be read"),
    ],
)
def test_says_field_value_and_cure(env: dict[str, str], field: str, cure: str):
    with pytest.raises(BadSetting) as complaint:
        load(env)

    assert complaint.value.field == field
    assert next(iter(env.values())) in complaint.value.value
    assert cure in complaint.value.cure


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("prot = 81", "did you mean port?"),
        ('port = "81"', "it must be a number from 0 to 65535"),
        ("data_dir = 1", "it must be the path of a folder"),
        ("[port]\nnumber = 81", "it must be a number from 0 to 65535"),
        ("port = ", "it is not TOML"),
    ],
)
def test_refuses_a_file_that_says_something_else(tmp_path: Path, text: str, cure: str):
    file = tmp_path / "houston.toml"
    file.write_text(text)

    with pytest.raises(BadSetting, match=r"houston\.toml") as complaint:
        load({}, file)

    assert cure in complaint.value.cure


@pytest.mark.parametrize("name", ["HOUSTON_DATABASE_URL", "HOUSTON_DATABASE_URI"])
def test_never_repeats_a_password(name: str):
    with pytest.raises(BadSetting) as complaint:
        load({name: "mysql://ann:s3cr/et@host/houston"})

    assert "s3cr" not in str(complaint.value)
    assert "***@host" in str(complaint.value)


def test_never_repeats_a_key():
    with pytest.raises(BadSetting) as complaint:
        load({"HOUSTON_SEALING_KEY": "DEADBEEF" * 8})

    assert "DEADBEEF" not in str(complaint.value)


def test_the_manual_says_what_the_code_says():
    assert settings_page.PAGE.read_text("utf-8") == settings_page.page(), (
        "docs/operating/settings.md is old: run .venv/bin/python -m tools.settings_page"
    )


GOOD_VALUES = {
    "database_url": "postgresql://houston:secret@db.example/houston",
    "data_dir": "/var/lib/houston",
    "postgres_bin": "/usr/lib/postgresql/15/bin",
    "host": "0.0.0.0",
    "port": "8081",
    "node_ttl_seconds": "10",
    "logins_per_second_max": "50",
    "body_bytes_max": "2000000",
    "public_url": "https://houston.example.com",
    "files_url": "s3://bucket/folder",
    "file_bytes_max": "50000000",
    "content_from_private": "true",
    "files_kept_days": "365",
    "v3_requests_per_5s": "0",
    "v3_repeat_seconds": "3600",
    "v3_ok_as_json": "true",
    "private_routes": "true",
    "webhook_timeout_seconds": "10",
    "simulator_url": "http://127.0.0.1:8090",
    "private_webhooks": "true",
    "sealing_key": "0123456789abcdef" * 4,
    "linked_channels_per_worker": "20",
    "linked_live_dir": "/dev/shm/houston",
    "linked_phone_silent_seconds": "3600",
    "linked_worker": "python -m tools.fake_whatsapp.trusted 00 houston.transports.linked_worker",
    "proxies": "1",
    "billing": "on",
    "billing_currency": "EUR",
    "billing_price": "50",
    "billing_trial_days": "14",
    "billing_promise_days": "3",
    "billing_own_top_up": "true",
    "customers": "true",
    "stripe_secret_key": "sk_test_1",
    "stripe_webhook_secret": "whsec_1",
    "log_format": "json",
    "log_level": "debug",
}


def test_every_setting_takes_a_good_value():
    # Two settings once had a pattern where the library takes none, and refused every value.
    assert GOOD_VALUES.keys() == KINDS.keys()
    for name, value in GOOD_VALUES.items():
        load({f"HOUSTON_{name.upper()}": value})
