"""Everything that is wrong with a site: settings, database, core's schema, plugins, jobs."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from shopdb.errors import DatabaseUnavailableError, SettingsError, ShopDBError
from shopdb.settings import Settings, read_settings
from shopdb.site import ENV_FILE, SITE_FILE

if TYPE_CHECKING:
    from shopdb.plugins.verdict import Verdict
    from shopdb.runtime import Runtime

Area = Literal["settings", "database", "schema", "plugin", "job"]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong.

    Args:
        subject: The setting, package, plugin or job.
        remedy: A command as it is typed, or an exact edit; empty where the message ends with it.
    """

    code: str
    severity: Severity
    area: Area
    subject: str
    message: str
    remedy: str = ""
    where: str | None = None

    def asdict(self) -> dict[str, Any]:
        """As ``shopdb check --json`` shows it."""
        return asdict(self)


def diagnose(site_dir: Path, environ: Mapping[str, str], *, safe_mode: bool = False) -> list[Finding]:
    """Look at everything, from the settings on to what builds upon them; errors first.

    Plugins are loaded, as ``serve`` loads them.
    """
    settings, problems = read_settings(site_dir, environ)
    findings = [_of_setting(problem) for problem in problems]
    if settings is not None:
        findings += _judge_settings(settings)
        findings += _judge_runtime(site_dir, environ, safe_mode=safe_mode)
    return sorted(findings, key=lambda finding: finding.severity)


def _of_setting(problem: SettingsError) -> Finding:
    return Finding(
        code="setting-wrong",
        severity="error",
        area="settings",
        subject=SITE_FILE,
        message=problem.message,
        remedy=problem.remedy,
    )


def _judge_settings(settings: Settings) -> Iterator[Finding]:
    for warning in settings.warnings:
        yield Finding(
            code="setting-unknown",
            severity="warning",
            area="settings",
            subject=SITE_FILE,
            message=warning,
            remedy="Correct its name, or remove it.",
        )
    env_file = settings.site_dir / ENV_FILE
    if env_file.exists() and stat.S_IMODE(env_file.stat().st_mode) & 0o077:
        yield Finding(
            code="secrets-readable",
            severity="warning",
            area="settings",
            subject=ENV_FILE,
            message=f"Other users of this machine may read the secrets in {env_file}.",
            remedy=f"chmod 600 {env_file}",
            where=str(env_file),
        )


def _judge_runtime(site_dir: Path, environ: Mapping[str, str], *, safe_mode: bool) -> Iterator[Finding]:
    from shopdb.runtime import start

    try:
        runtime = start(site_dir, safe_mode=safe_mode, environ=environ)
    except DatabaseUnavailableError as error:
        yield _database_away(error)
        return
    except ShopDBError as error:
        yield Finding(
            code="start-refused", severity="error", area="plugin", subject="core", message=str(error)
        )
        return
    try:
        yield from _judge_database(runtime)
        yield from _judge_tables(runtime)
        for verdict in runtime.plugins.verdicts:
            yield from _judge_plugin(runtime, verdict)
        yield from _judge_missing(runtime)
    finally:
        runtime.database.dispose()


def _database_away(error: DatabaseUnavailableError) -> Finding:
    return Finding(
        code="database-away",
        severity="error",
        area="database",
        subject="database_url",
        message=str(error),
        remedy="Start the database, or correct SHOPDB_DATABASE_URL; shopdb settings shows which one it is.",
    )


def _judge_database(runtime: Runtime) -> Iterator[Finding]:
    from shopdb.readiness import judge_core_schema
    from shopdb.services.lease import list_leases

    try:
        problem = judge_core_schema(runtime.database)
        if problem is not None:
            yield Finding(
                code="core-schema",
                severity="error",
                area="schema",
                subject="core",
                message=problem,
                remedy="shopdb db upgrade",
            )
            return
        with runtime.database.read() as session:
            leases = list_leases(session)
    except DatabaseUnavailableError as error:
        yield _database_away(error)
        return
    for name, lease in leases.items():
        if lease["last_error"] is not None:
            yield Finding(
                code="job-failing",
                severity="warning",
                area="job",
                subject=name,
                message=f"The last run of job {name!r} failed: {lease['last_error']}",
                remedy=f"shopdb job run {name} --here --debug",
            )


def _judge_tables(runtime: Runtime) -> Iterator[Finding]:
    """Tables of shopdb.toml that no plugin here reads."""
    known = {verdict.name for verdict in runtime.plugins.verdicts}
    for key, value in runtime.settings.sources.table.items():
        if isinstance(value, Mapping) and key not in known and not runtime.plugins.is_safe_mode:
            yield Finding(
                code="setting-unknown",
                severity="warning",
                area="settings",
                subject=SITE_FILE,
                message=f"{SITE_FILE}: no plugin {key!r} is here to read [{key}].",
                remedy="Correct its name, or remove the table.",
            )


def _judge_plugin(runtime: Runtime, verdict: Verdict) -> Iterator[Finding]:
    is_required = verdict.name in runtime.settings.required_plugins and not verdict.is_working
    for problem in verdict.problems:
        yield Finding(
            code=problem.code,
            severity="error" if is_required else "warning",
            area="plugin",
            subject=verdict.name,
            message=problem.message,
            remedy=problem.remedy,
            where=problem.where,
        )


def _judge_missing(runtime: Runtime) -> Iterator[Finding]:
    """Required plugins that work no more, or never did, without a problem of their own."""
    from shopdb.plugins.plugin_set import required_failures

    told = {verdict.name for verdict in runtime.plugins.verdicts if verdict.problems}
    for problem in required_failures(runtime.plugins):
        name = next((n for n in runtime.plugins.required if repr(n) in problem.message), "")
        if name and name not in told:
            yield Finding(
                code=problem.code,
                severity="error",
                area="plugin",
                subject=name,
                message=problem.message,
                remedy=problem.remedy,
                where=problem.where,
            )
