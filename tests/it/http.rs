//! The connection itself: whom the server refuses still hears why, and keeps a connection that works. And the name that a
//! connection was made by: the server has its own.

use jonathans_memory::app::Outside;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::support::app::TestApp;

const MIB: usize = 1024 * 1024;

struct Connection {
    read: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    head: String,
}

impl Connection {
    async fn open(app: &TestApp) -> Self {
        let authority = app.base.trim_start_matches("http://");
        let (read, write) = TcpStream::connect(authority).await.expect("connected").into_split();
        let head = format!("POST /api/v1/memories/ HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n");
        Self { read: BufReader::new(read), write, head }
    }

    /// Sends a head with these `headers`, and `sent` bytes of a body, while it reads the answer: its status and
    /// whether it announces the connection's end.
    async fn ask(&mut self, headers: &str, sent: usize) -> (u16, bool) {
        let Self { read, write, .. } = self;
        let head = format!("{}{headers}\r\n", self.head);
        let sending = async {
            write.write_all(head.as_bytes()).await.expect("the head is taken");
            // The server may have heard enough.
            let _ = write.write_all(&vec![b' '; sent]).await;
        };
        tokio::join!(sending, answer(read)).1
    }
}

async fn answer(read: &mut BufReader<OwnedReadHalf>) -> (u16, bool) {
    let (mut line, mut status, mut length, mut closes) = (String::new(), 0, 0, false);
    while read.read_line(&mut line).await.expect("a line") > 2 {
        let (name, value) = line.trim_end().split_once(' ').expect("a header");
        match name.to_ascii_lowercase().as_str() {
            "http/1.1" => status = value[..3].parse().expect("a status"),
            "content-length:" => length = value.parse().expect("a length"),
            "connection:" => closes = value == "close",
            _ => {}
        }
        line.clear();
    }
    read.read_exact(&mut vec![0; length]).await.expect("a body");
    (status, closes)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_is_heard_out() {
    let app = TestApp::start().await;
    let ann = app.person("ann").await;
    let known = format!("authorization: Bearer {}\r\n", ann.jwt);

    // Too large, and by a stranger: the same connection serves what comes next.
    let mut connection = Connection::open(&app).await;
    for (who, mib, status) in [(known.as_str(), 6, 413), ("", 6, 401), ("", 1, 401), (&known, 0, 400)] {
        let headers = format!("{who}content-length: {}\r\n", mib * MIB);
        assert_eq!(connection.ask(&headers, mib * MIB).await, (status, false), "{mib} MiB");
    }
    // Without end: the answer says that the connection is over.
    assert_eq!(connection.ask(&format!("{known}content-length: {}\r\n", 1024 * MIB), 24 * MIB).await, (413, true));

    // Who asks before sending is heard out once told to go on, and is not told so in vain.
    let mut polite = Connection::open(&app).await;
    let asking = format!("{known}content-length: {}\r\nexpect: 100-continue\r\n", 6 * MIB);
    assert_eq!(polite.ask(&asking, 6 * MIB).await, (100, false));
    assert_eq!(answer(&mut polite.read).await, (413, false));
    assert_eq!(polite.ask("content-length: 1000\r\nexpect: 100-continue\r\n", 0).await, (401, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_to_its_own_names_alone() {
    let env = [("JM_PUBLIC_URL", "https://mem.example"), ("JM__SERVER__ALLOWED_HOSTS", "app")];
    let app = TestApp::start_with(&env, Outside::default()).await;
    let ask = async |method: &str, path: &str, host: &str| {
        let request = app.http.request(method.parse().expect("a method"), format!("{}{path}", app.base)).header("host", host);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("text"))
    };
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/api/v1/config"),
        ("POST", "/api/v1/auth/register"),
        ("POST", "/auth/register"),
        ("GET", "/nothing"),
    ] {
        for host in ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "localhost.evil.example"] {
            let (status, problem) = ask(method, path, host).await;
            assert!(status == 403 && problem.contains("JM__SERVER__ALLOWED_HOSTS"), "{host} {path}: {status} {problem}");
        }
        for host in ["mem.example", "app:8765", "localhost", "10.0.0.7:8765"] {
            assert_ne!(ask(method, path, host).await.0, 403, "{host} {path}");
        }
    }
    for path in ["/health", "/health/live", "/health/ready"] {
        assert_eq!(ask("GET", path, "evil.example").await.0, 200, "{path}");
    }
}
