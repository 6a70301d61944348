"""Sends what the OpenAPI document allows, and what it does not, to every operation: none may be answered with 5xx.

SCHEMA_EXAMPLES says how many examples an operation (5 when absent). The end of the account and the event stream are left out: the
one would end the run, the other never ends.
"""

import os
import subprocess
import sys

LEFT_OUT = ("DELETE /api/v1/account", "GET /api/v1/events")

key, base = os.environ["JMEM_API_KEY"], os.environ["JMEM_BASE"]
command = [sys.executable, "-m", "schemathesis.cli", "run", f"{base}/openapi.json", "--header", f"Authorization: Bearer {key}"]
command += ["--checks", "not_a_server_error", "--max-examples", os.environ.get("SCHEMA_EXAMPLES", "5"), "--seed", "1"]
command += ["--request-timeout", "60", "--generation-database", "none", "--workers", "2"]
for operation in LEFT_OUT:
    command += ["--exclude-name", operation]
sys.exit(subprocess.run(command).returncode)
