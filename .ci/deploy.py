"""The part of .ci/deploy that no tool knows: that the deployment files agree with each other, with their guides and with the program.

Takes what was rendered for Kubernetes: 'kustomize.yaml', 'helm.yaml' and 'ingress.yaml', of the chart; what is not there is left
out. Says everything that is wrong, not only the first of it.
"""

import fnmatch
import functools
import json
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import kubernetes_validate
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# Names of other programs' settings.
THIRD_PARTY = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD", "QDRANT__SERVICE__API_KEY", "QDRANT__TELEMETRY_DISABLED"}
SECRETS = {"JM_SECRET_KEY", "DATABASE_URL", "OPENAI_API_KEY", "QDRANT_API_KEY", "SUPABASE_JWT_SECRET"}
# The oldest Kubernetes that is promised, and the newest that is known.
KUBERNETES = ["1.30", "1.37"]

faults = []


def expect(condition, sentence):
    if not condition:
        faults.append(sentence)


def read(path):
    return Path(path).read_text(encoding="utf-8")


# The members of the workspace beside the program itself.
CRATES = [path.parent for path in sorted(Path("crates").glob("*/Cargo.toml"))]
RUST = {str(path): read(path) for path in sorted(Path("src").rglob("*.rs"))}
ROUTES = set(re.findall(r'path = "(/[^"]*)"', RUST["src/http/health.rs"]))


# --- environment

ALIASES = set(re.findall(r'\("([A-Z_]+)", "[a-z_.]+"\)', RUST["src/config/mod.rs"].split("ALIASES", 1)[1].split("];")[0]))


def understood(name):
    """Whether the program knows this name: an alias, or JM__SECTION__KEY with a field of that section."""
    if name.startswith("JM__"):
        section, _, key = name.removeprefix("JM__").lower().partition("__")
        return bool(re.search(rf"^    pub {key}:", RUST.get(f"src/config/{section}.rs", ""), re.M))
    # The OpenTelemetry library reads names of its own.
    return name in ALIASES or name.startswith("OTEL_")


def environment(where, names, also=()):
    for name in sorted(set(names) - set(also)):
        expect(understood(name), f"{where}: {name} is no name that the program understands")


# --- Dockerfile


def ignored(path):
    """What .dockerignore says of a path: the last line that matches it or a folder above it decides."""
    answer = False
    parts = Path(path).parts
    for line in read(".dockerignore").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!").strip("/")
            if any(fnmatch.fnmatch("/".join(parts[:n]), pattern) for n in range(1, len(parts) + 1)):
                answer = not line.startswith("!")
    return answer


def dockerfile():
    text = re.sub(r"\\\n", " ", read("Dockerfile"))
    steps = [line.split(None, 1) for line in text.splitlines() if line and not line.startswith("#")]
    stage = [value for step, value in steps if step == "FROM"]
    final = {step: value for step, value in steps[max(n for n, s in enumerate(steps) if s[0] == "FROM"):]}

    rust = re.search(r'rust-version = "([\d.]+)"', read("Cargo.toml")).group(1)
    builders = [name for name in stage if name.startswith("rust:")]
    expect(len(builders) == 1 and builders[0].startswith(f"rust:{rust}-"), f"Dockerfile: the builder is not Rust {rust}, as Cargo.toml wants")
    node = json.loads(read("web/package.json"))["devDependencies"]["node"].split(".")[0]
    expect(any(name.startswith(f"node:{node}-") for name in stage), f"Dockerfile: the page is not built by Node {node}, as web/package.json wants")
    expect(re.fullmatch(r"[1-9]\d*(:[1-9]\d*)?", final.get("USER", "")), "Dockerfile: USER is not a number other than 0")
    for step in ["ENTRYPOINT", "CMD"]:
        expect(final.get(step, "").startswith("["), f"Dockerfile: {step} is not in exec form")
    expect(final.get("HEALTHCHECK", "").endswith('CMD ["jmem", "health"]'), "Dockerfile: no health check in exec form")
    environment("Dockerfile", re.findall(r"(\w+)=", final["ENV"]))

    copied = []
    for step, value in steps:
        if step == "COPY" and "--from=" not in value:
            copied += [word for word in value.split()[:-1] if not word.startswith("--")]
    for source in copied:
        expect(Path(source).exists(), f"Dockerfile: COPY of {source}, which does not exist")
        expect(source == "." or not ignored(source), f"Dockerfile: COPY of {source}, which .dockerignore keeps out")
    # What is compiled in, and what cargo looks for, must get past .dockerignore.
    needed = {"Cargo.toml", "Cargo.lock", "src/main.rs", *re.findall(r'^path = "([^"]+)"', read("Cargo.toml"), re.M)}
    for package in [Path(), *CRATES]:
        needed.add(str(package / "Cargo.toml"))
        for source in sorted((package / "src").rglob("*.rs")):
            needed.add(str(source))
            needed |= {str(package / path.lstrip("/")) for path in re.findall(r'CARGO_MANIFEST_DIR"\), "([^"]+)"', read(source))}
            needed |= {str(package / path) for path in re.findall(r'migrate!\("([^"]+)"\)', read(source))}
    for path in sorted(needed):
        expect(not ignored(path), f".dockerignore: keeps {path} out of the build")
    for path in [".env", ".git", "data/memory.db", "target", "web/node_modules/x", "web/dist/index.html"]:
        expect(ignored(path), f".dockerignore: lets {path} into the build")


# --- Compose


def compose():
    text = read("compose.yaml")
    services = yaml.safe_load(text)["services"]
    for name in ["app", "migrate"]:
        service = services[name]
        environment(f"compose.yaml, {name}", service["environment"])
        hard = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
        expect(hard.items() <= service.items(), f"compose.yaml: {name} is not read-only without privileges")
    waits = services["app"]["depends_on"].get("migrate", {}).get("condition")
    expect(waits == "service_completed_successfully", "compose.yaml: app does not wait for migrate")
    for name in ["postgres", "qdrant"]:
        service = services[name]
        environment(f"compose.yaml, {name}", service["environment"], THIRD_PARTY)
        expect("ports" not in service, f"compose.yaml: {name} is published on the host")
        expect(service["networks"] == ["stores"], f"compose.yaml: {name} is on a network with a way out")
        expect(re.search(r":v?\d", service["image"]), f"compose.yaml: {name} has no version")

    # deploy/env.example has every variable, and leaves open exactly those without which nothing starts.
    lines = re.findall(r"^(#?)([A-Z][A-Z_]*)=", read("deploy/env.example"), re.M)
    offered, opened = {name for _, name in lines}, {name for mark, name in lines if not mark}
    used = set(re.findall(r"\$\{(\w+)", re.sub(r"^\s*#.*", "", text, flags=re.M)))
    required = set(re.findall(r"\$\{(\w+):\?", text))
    expect(used == offered, f"compose.yaml and deploy/env.example differ in {sorted(used ^ offered)}")
    expect(required == opened, f"deploy/env.example: required and open are not the same: {sorted(required ^ opened)}")


# --- Render. Its schema is in no package registry; these are the rules of its reference that this file could break.


def render():
    known = {
        "type", "name", "runtime", "dockerfilePath", "plan", "autoDeployTrigger", "preDeployCommand", "healthCheckPath",
        "maxShutdownDelaySeconds", "envVars",
    }
    document = yaml.safe_load(read("render.yaml"))
    expect(set(document) == {"services"}, "render.yaml: has more than services")
    (service,) = document["services"]
    expect(set(service) == known, f"render.yaml: unknown or missing: {sorted(set(service) ^ known)}")
    expect((service["type"], service["runtime"]) == ("web", "docker"), "render.yaml: not a web service from a Dockerfile")
    expect(service["plan"] != "free", "render.yaml: the free plan runs no pre-deploy command")
    expect(Path(service["dockerfilePath"]).is_file(), "render.yaml: dockerfilePath does not exist")
    expect(service["healthCheckPath"] in ROUTES, "render.yaml: healthCheckPath is no route of the program")
    expect(service["preDeployCommand"] == "jmem migrate", "render.yaml: does not migrate before a deploy")
    expect(1 <= service["maxShutdownDelaySeconds"] <= 300, "render.yaml: maxShutdownDelaySeconds is not 1 to 300")
    names = [variable["key"] for variable in service["envVars"]]
    expect(len(names) == len(set(names)), "render.yaml: a name is there twice")
    environment("render.yaml", names)
    for variable in service["envVars"]:
        name, rest = variable["key"], {key: value for key, value in variable.items() if key != "key"}
        asked = rest == {"sync": False}
        given = set(rest) == {"value"} and isinstance(rest["value"], str)
        expect(asked or given, f"render.yaml: {name} has neither a text as value nor 'sync: false'")
        expect(asked or name not in SECRETS, f"render.yaml: the secret {name} is not left to the dashboard")


# --- Kubernetes


@functools.cache
def documents(rendered):
    """What was rendered, by kind; each is held against its schema."""
    by_kind = {}
    for document in yaml.safe_load_all(read(rendered)):
        by_kind[document["kind"]] = document
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                faults.append(f"{Path(rendered).name}, {document['kind']}, Kubernetes {version}: {error.message}")
    return by_kind


def kubernetes(rendered):
    by_kind = documents(rendered)
    wanted = {"ConfigMap", "Deployment", "Job", "NetworkPolicy", "PodDisruptionBudget", "Service"}
    expect(set(by_kind) == wanted, f"deploy/: has {sorted(by_kind)}, not {sorted(wanted)}")
    if set(by_kind) != wanted:
        return
    config = by_kind["ConfigMap"]
    environment("deploy/kustomization.yaml", config["data"])
    expect(not SECRETS & set(config["data"]), "deploy/kustomization.yaml: a secret in the config map")
    version = re.search(r'^version = "(.+)"', read("Cargo.toml"), re.M).group(1)
    for kind in ["Deployment", "Job"]:
        pod = by_kind[kind]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        hard, context = pod["securityContext"], container["securityContext"]
        expect(hard.get("runAsNonRoot"), f"{kind}: may run as root")
        expect(hard.get("seccompProfile") == {"type": "RuntimeDefault"}, f"{kind}: no seccomp profile")
        expect(
            context.get("readOnlyRootFilesystem")
            and context.get("allowPrivilegeEscalation") is False
            and context.get("capabilities") == {"drop": ["ALL"]},
            f"{kind}: the container has privileges or can write",
        )
        expect(pod.get("enableServiceLinks") is False, f"{kind}: Services nearby set variables")
        expect(pod.get("automountServiceAccountToken") is False, f"{kind}: has a token for the cluster")
        expect({"requests", "limits"} <= set(container["resources"]), f"{kind}: no requests or no limits")
        expect(container["image"].endswith(f":{version}"), f"{kind}: the image is not version {version} of Cargo.toml")
        names = [next(iter(source.values()))["name"] for source in container["envFrom"]]
        expect(names == [config["metadata"]["name"], "jonathans-memory"], f"{kind}: not from the config map and the secret")
    pod = by_kind["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
        expect(container[probe]["httpGet"]["path"] in ROUTES, f"Deployment: {probe} asks for no route of the program")
    own = int(re.search(r"shutdown_secs: (\d+)", RUST["src/config/limits.rs"]).group(1))
    waits = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    expect(pod["terminationGracePeriodSeconds"] > own + waits, "Deployment: killed before the program has stopped")
    labels = by_kind["Deployment"]["spec"]["template"]["metadata"]["labels"].items()
    for selector in [
        by_kind["Service"]["spec"]["selector"],
        by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        by_kind["NetworkPolicy"]["spec"]["podSelector"].get("matchLabels", {}),
    ]:
        expect(selector and selector.items() <= labels, f"deploy/: the selector {selector} is empty or does not find the pods")
    expect(by_kind["Service"]["spec"].get("sessionAffinity") == "ClientIP", "Service: SSE sessions may change the pod")


# What only Helm, or only Kustomize, says of a document: whose release it is, and which version of the config map.
OWN = {"app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "helm.sh/chart", "checksum/config"}


def effect(value):
    """A document as it would be of either."""
    if isinstance(value, dict):
        return {key: effect(part) for key, part in value.items() if key not in OWN}
    if isinstance(value, list):
        return [effect(part) for part in value]
    return re.sub(r"^(jonathans-memory(?:-migrate)?)-(\d+|[0-9a-z]{10})$", r"\1", value) if isinstance(value, str) else value


def chart(kustomized, helmed):
    base, of_chart = ({kind: effect(each) for kind, each in documents(path).items()} for path in [kustomized, helmed])
    for kind in sorted(base):
        lost(base[kind], of_chart.get(kind), f"the chart beside deploy/, {kind}")
        lost(of_chart.get(kind), base[kind], f"deploy/ beside the chart, {kind}")


# --- metrics


def metrics():
    """The names that the program's source gives to metrics, each with its kind."""
    found = {}
    for source in RUST.values():
        constants = dict(re.findall(r'const (\w+): &str = "([a-z_]+)"', source))
        for kind, literal, constant in re.findall(r'\b(counter|gauge|histogram)!\(\s*(?:"(\w+)"|([A-Z_]+))', source):
            found[literal or constants.get(constant, constant)] = kind
    return found


def named(expression):
    """The metrics that a PromQL expression names."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)|\b\d+[smhd]\b", " ", expression)
    words = re.findall(r"\b[a-z_]+\b(?!\s*\()", bare)
    return set(words) - {"and", "or", "unless", "offset", "bool", "by", "without"}


def graphs():
    known = {"up"}
    for name, kind in metrics().items():
        known |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}

    rules = [rule for group in yaml.safe_load(read("deploy/prometheus/rules.yml"))["groups"] for rule in group["rules"]]
    tests = yaml.safe_load(read("deploy/prometheus/rules_test.yml"))["tests"]
    cases = [case for test in tests for case in test["alert_rule_test"]]
    for rule in rules:
        for name in sorted(named(rule["expr"]) - known):
            faults.append(f"deploy/prometheus/rules.yml, {rule['alert']}: the program has no metric {name}")
        fires = {bool(case.get("exp_alerts")) for case in cases if case["alertname"] == rule["alert"]}
        expect(fires == {True, False}, f"deploy/prometheus/rules_test.yml: {rule['alert']} must fire once and be silent once")

    board = json.loads(read("deploy/grafana/dashboard.json"))
    # Grafana's own types: what they do not know is gone after a round trip.
    lost(board, json.loads(JSONEncoder().encode(Dashboard.from_json(json.loads(json.dumps(board))))), "dashboard.json, to Grafana")
    queries = []
    for panel in board["panels"]:
        expect(panel["datasource"]["uid"] == "${datasource}", f"dashboard.json, {panel['title']}: on a fixed data source")
        for target in panel["targets"]:
            queries.append(target["expr"].replace("$__rate_interval", "5m"))
            for name in sorted(named(target["expr"]) - known):
                faults.append(f"dashboard.json, {panel['title']}: the program has no metric {name}")
    record = [{"record": f"query_{n}", "expr": query} for n, query in enumerate(queries)]
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump({"groups": [{"name": "dashboard", "rules": record}]}, file)
        file.flush()
        checked = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, check=False)
    expect(checked.returncode == 0, f"dashboard.json: {checked.stderr.strip()}")


def lost(before, after, where):
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            expect(key in after, f"{where}: knows no '{key}'")
            if key in after:
                lost(value, after[key], f"{where}/{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after)):
            lost(one, other, f"{where}/{number}")
    else:
        expect(before == after, f"{where}: {before!r} is {after!r} there")


# --- the guides


def guide():
    for path in ["docs/deploy.md", "docs/runbooks.md", "SECURITY.md"]:
        words = re.findall(r"\b[A-Z][A-Z0-9]*(?:_+[A-Z0-9]+)+\b", read(path))
        environment(path, words, THIRD_PARTY | {"TENANT_ID"})
    alerts = set(re.findall(r"^ +- alert: (\w+)", read("deploy/prometheus/rules.yml"), re.M))
    told = set(re.findall(r"^### (\w+)", read("docs/runbooks.md"), re.M))
    expect(alerts == told, f"docs/runbooks.md and the alerts differ in {sorted(alerts ^ told)}")


rendered = {Path(path).stem: path for path in sys.argv[1:]}
checks = [dockerfile, compose, render, graphs, guide]
checks += [lambda path=rendered[name]: kubernetes(path) for name in ["kustomize", "helm"] if name in rendered]
if "ingress" in rendered:
    checks.append(lambda: documents(rendered["ingress"]))
if {"kustomize", "helm"} <= set(rendered):
    checks.append(lambda: chart(rendered["kustomize"], rendered["helm"]))
for check in checks:
    try:
        check()
    # A part that the checks take for granted is missing or of another kind.
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        faults.append(f"{error!r} at: {line.line}")
for fault in faults:
    print(fault, file=sys.stderr)
sys.exit(bool(faults))
