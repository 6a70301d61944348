//! The real program in a process of its own, on a data directory of its own.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

/// `jmem` with its settings, before any of its commands runs.
pub fn jmem(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jmem"));
    command.env_clear().env("JM_DATA_DIR", data_dir).env("PORT", "0").env("EMBEDDER_PROVIDER", "hash").env("JM_LOG", "warn");
    // Most tests need texts and no facts.
    command.env("JM__GATE__JUNK", "false").env("JM__LIMITS__REGISTRATIONS_PER_HOUR", "1000000");
    command
}

/// Runs a command to its end and reads its JSON.
pub fn json_of(command: &mut Command) -> Value {
    let output: Output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON value on standard output")
}

/// A running `jmem serve`; killed when dropped.
pub struct Served {
    child: Child,
    /// `http://127.0.0.1:<port>`
    pub base: String,
}

impl Served {
    /// Starts it and waits until it says that it is ready.
    pub fn start(command: &mut Command) -> Self {
        Self::start_as(command.arg("serve"))
    }

    /// As [`Self::start`], with the whole command line.
    pub fn start_as(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let first = lines.next().expect("it prints its address before it ends").expect("text");
        let base = first.split(" ready at ").nth(1).unwrap_or_else(|| panic!("no address in: {first}")).trim().to_owned();
        // Nobody may leave the pipe full: read on in the background.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, base }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A figure of its memory, in MiB: `VmRSS`, what it has now, or `VmHWM`, the most that it had.
    pub fn memory(&self, figure: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("it runs, on Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(figure)).expect("a figure of the kernel's");
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
    }

    /// A figure of its own, from `/metrics`; 0 where there is none yet.
    pub async fn figure(&self, client: &reqwest::Client, name: &str) -> f64 {
        let text = client.get(format!("{}/metrics", self.base)).send().await.expect("an answer").text().await.expect("text");
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it was started").is_some()
    }

    /// Lets no file of the process grow beyond so many bytes, or lets them.
    #[cfg(target_os = "linux")]
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited".into(), |bytes| bytes.to_string());
        let limit = format!("--fsize={limit}:unlimited");
        let pid = self.child.id().to_string();
        assert!(Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit runs").success());
    }

    /// SIGHUP.
    pub fn hang_up(&self) {
        assert!(Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().expect("kill runs").success());
    }

    /// SIGTERM, then waits for the end.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One tool call at an endpoint; `None` when the server did not answer whole.
pub async fn call_tool(client: &reqwest::Client, url: &str, tool: &str, mut arguments: Value) -> Option<Value> {
    // What is found or listed is told in full, unless the arguments say otherwise.
    if let (Some(given), "search_memory" | "list_memories") = (arguments.as_object_mut(), tool) {
        given.entry("detail").or_insert(json!("full"));
    }
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": tool, "arguments": arguments } });
    let response = client.post(url).header("accept", "application/json, text/event-stream").json(&request).send().await.ok()?;
    let status = response.status();
    let body: Value = response.json().await.ok()?;
    assert!(status.is_success(), "{tool}: {status} {body}");
    Some(body["result"].clone())
}
