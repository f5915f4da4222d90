"""What is deployed agrees with what it deploys: the Containerfile and the manifests of Kubernetes."""

from __future__ import annotations

import asyncio
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer import Typer
from typer.main import get_command

from spanwise.cli.serve import ADMIN_KEY, serve
from spanwise.service.http.settings import Settings
from spanwise.service.serving import FLUSH, Plan, assemble

ROOT = Path(__file__).parent.parent
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
FOLDER = ROOT / "deploy" / "kubernetes"
MANIFESTS: dict[str, dict[str, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
POD = MANIFESTS["deployment"]["spec"]["template"]["spec"]
(SERVED,) = POD["containers"]
NAME = {"app.kubernetes.io/name": "spanwise"}
RUNS_NOT = {"torch", "transformers", "dvc", "gto", "pytest", "ray"}


@cache
def variables() -> set[str]:
    """What the environment may say to `spanwise serve`."""
    program = Typer()
    program.command()(serve)
    names = {str(option.envvar) for option in get_command(program).params if getattr(option, "envvar", None)}
    return names | {ADMIN_KEY}


def exists(path: str) -> bool:
    """Whether the service knows a path; nothing is loaded, so that it may answer 503."""
    plan = Plan(
        settings=Settings(loopback=True), deployed=None, lanes=1, threads=1, queue=1, window_s=0, max_batch=1,
        cache_bytes=0,
    )  # fmt: skip

    async def ask() -> int:
        transport = httpx.ASGITransport(assemble(plan)[0])
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get(path)).status_code

    return asyncio.run(ask()) in {200, 503}


def stages() -> list[str]:
    """The instructions of each stage of the image."""
    joined = re.sub(r"\\\n\s*", " ", CONTAINER)
    return re.split(r"(?m)^FROM ", joined)[1:]


def test_a_path_that_nobody_serves_is_found_out() -> None:
    assert not exists("/healthz")


# The image.


def test_every_variable_of_the_image_is_one_of_serve() -> None:
    named = set(re.findall(r"\b(SPANWISE_\w+)=", CONTAINER))
    assert named
    assert named <= variables()


def test_the_image_installs_extras_that_exist_and_nothing_that_trains() -> None:
    (extras,) = re.findall(r"^ARG EXTRAS=(\S+)$", CONTAINER, re.MULTILINE)
    known = PROJECT["optional-dependencies"]
    wanted = {re.split(r"[<>=\[]", each)[0] for extra in extras.split(",") for each in known[extra]}
    assert {"uvicorn", "fastapi", "onnxruntime"} <= wanted
    assert wanted & RUNS_NOT == set()


def test_the_image_copies_what_exists_and_its_context_lets_through() -> None:
    allowed = {
        line[1:]
        for line in (ROOT / ".containerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        name for line in re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", CONTAINER) for name in line.split()
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_last_stage_has_no_installer_no_root_and_the_command() -> None:
    last = stages()[-1]
    assert len(stages()) == 2
    assert "pip uninstall --yes pip" in last
    assert "pip install" not in last
    (user,) = re.findall(r"(?m)^USER (\S+)$", last)
    assert user == f"{POD['securityContext']['runAsUser']}:{POD['securityContext']['runAsGroup']}"
    assert 'ENTRYPOINT ["spanwise"]' in last
    assert 'CMD ["serve"]' in last
    assert PROJECT["scripts"] == {"spanwise": "spanwise.cli:main"}


def test_the_health_check_asks_a_route_at_the_port_that_is_exposed() -> None:
    (port, path) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", CONTAINER)[-1]
    assert exists(path)
    assert f"EXPOSE {port}\n" in CONTAINER
    assert f"SPANWISE_PORT={port}" in CONTAINER


def test_the_image_has_the_oldest_python_that_the_project_runs_on() -> None:
    (version,) = re.findall(r"python:(\d+\.\d+)-slim", CONTAINER)
    assert PROJECT["requires-python"] == f">={version}"


# Kubernetes.


def test_kustomize_names_every_manifest() -> None:
    named = {Path(name).stem for name in MANIFESTS["kustomization"]["resources"]}
    assert named == set(MANIFESTS) - {"kustomization"}


@pytest.mark.parametrize("name", sorted(set(MANIFESTS) - {"kustomization"}))
def test_a_manifest_says_what_it_is(name: str) -> None:
    assert set(MANIFESTS[name]) >= {"apiVersion", "kind", "metadata"}
    assert MANIFESTS[name]["metadata"]["name"] == "spanwise"


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_probes_ask_routes_at_a_port_that_is_named(probe: str) -> None:
    asked = SERVED[probe]["httpGet"]
    assert exists(asked["path"])
    assert asked["port"] in {port["name"] for port in SERVED["ports"]}


def test_what_is_alive_is_not_what_is_ready() -> None:
    assert SERVED["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert SERVED["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_every_variable_is_one_of_serve() -> None:
    assert {each["name"] for each in SERVED["env"]} <= variables()
    assert SERVED["args"] == ["serve"]


def test_ports_agree() -> None:
    (port,) = SERVED["ports"]
    told = {each["name"]: each["value"] for each in SERVED["env"]}
    scraped = MANIFESTS["deployment"]["spec"]["template"]["metadata"]["annotations"]
    (rule,) = MANIFESTS["network"]["spec"]["ingress"]
    (served,) = MANIFESTS["service"]["spec"]["ports"]
    assert told["SPANWISE_PORT"] == str(port["containerPort"]) == scraped["prometheus.io/port"]
    assert rule["ports"] == [{"protocol": "TCP", "port": port["containerPort"]}]
    assert served["targetPort"] == port["name"]
    assert exists(scraped["prometheus.io/path"])


def test_there_is_time_to_drain() -> None:
    told = {each["name"]: each["value"] for each in SERVED["env"]}
    (slept,) = SERVED["lifecycle"]["preStop"]["exec"]["command"][1:]
    assert POD["terminationGracePeriodSeconds"] >= int(slept) + int(told["SPANWISE_DRAIN"]) + FLUSH
    readiness = SERVED["readinessProbe"]
    assert int(slept) >= readiness["periodSeconds"] * readiness["failureThreshold"]


def test_selectors_select_the_pods_and_nothing_selects_all() -> None:
    specs = {name: manifest.get("spec", {}) for name, manifest in MANIFESTS.items()}
    assert specs["deployment"]["template"]["metadata"]["labels"] == NAME
    assert specs["deployment"]["selector"]["matchLabels"] == NAME
    assert specs["service"]["selector"] == NAME
    assert specs["disruption"]["selector"]["matchLabels"] == NAME
    assert specs["network"]["podSelector"]["matchLabels"] == NAME


def test_one_pod_may_be_missing() -> None:
    scaled = MANIFESTS["autoscaling"]["spec"]
    assert MANIFESTS["disruption"]["spec"]["minAvailable"] < scaled["minReplicas"] <= scaled["maxReplicas"]
    assert scaled["scaleTargetRef"]["kind"] == MANIFESTS["deployment"]["kind"]


def test_a_pod_may_do_little() -> None:
    assert POD["securityContext"]["runAsNonRoot"]
    assert not POD["automountServiceAccountToken"]
    own = SERVED["securityContext"]
    assert own["readOnlyRootFilesystem"]
    assert not own["allowPrivilegeEscalation"]
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert set(SERVED["resources"]["limits"]) == {"cpu", "memory"}


def test_only_scratch_may_be_written() -> None:
    mounts = {each["name"]: each for each in SERVED["volumeMounts"]}
    assert set(mounts) == {each["name"] for each in POD["volumes"]}
    assert {name for name, each in mounts.items() if not each.get("readOnly")} == {"scratch"}
    told = {each["name"]: each["value"] for each in SERVED["env"]}
    assert told["SPANWISE_DEPLOYED"] == mounts["deployed"]["mountPath"]
    assert told["SPANWISE_KEYS"].startswith(mounts["keys"]["mountPath"])
