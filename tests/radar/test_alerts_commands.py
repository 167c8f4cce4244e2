"""`radar hooks` and `radar alerts` at the terminal."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from radar.alerts_commands import alerts, hooks
from radar.webhooks import HookError
from tests.radar.post import house


def run(command: object, config: object, *words: str) -> Result:
    return CliRunner().invoke(command, list(words), obj=config)  # type: ignore[arg-type]


def test_a_hook_is_added_shown_stopped_and_removed(tmp_path: Path) -> None:
    with house(tmp_path) as home:
        url = "https://hook.example/neu"
        added = run(hooks, home.config, "add", url, "https://radar.example/suche?thema=ki")
        assert added.exit_code == 0
        assert "whsec_" in added.output
        shown = run(hooks, home.config, "list").output
        assert f"in force  {url}  thema=ki" in shown
        assert "whsec_" not in shown
        assert run(hooks, home.config, "resume", "1").exit_code == 1
        assert run(hooks, home.config, "remove", "1").exit_code == 0
        assert "no hook yet" in run(hooks, home.config, "list").output
        refused = run(hooks, home.config, "add", "http://hook.example/")
        assert isinstance(refused.exception, HookError)


def test_alerts_and_outbox(tmp_path: Path) -> None:
    from radar.alerts import look

    with house(tmp_path, alerts_disk_gb=0) as home:
        look(home.config, home.newsroom, home.clock())
        assert "There is no backup" in run(alerts, home.config, "list").output
        home.newsroom.subscribe("a@b.example", "", "daily", language="de", client="c")
        told = run(alerts, home.config, "outbox").output
        assert "confirm   0×" in told
        assert "a@b.example" not in told
