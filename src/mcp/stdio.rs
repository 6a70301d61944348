//! The same tools over stdin and stdout, for one local user: one message a line. A line that cannot be understood is
//! answered where it has an id, and passed over where it has none, for there it may be anything.

use std::{io, sync::Arc};

use rmcp::{
    RoleServer,
    model::ClientJsonRpcMessage,
    serve_server,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    sync::{Mutex, mpsc},
};

use super::{
    MemoryServer,
    repair::{self, Refusal},
};
use crate::auth::Principal;

/// Longest line, in bytes: far above the largest text.
const LONGEST: usize = 16 * 1024 * 1024;
/// Messages that wait to be taken up.
const INBOX: usize = 16;

/// Serves until the client closes stdin. Every call is made as `principal`; logs must go to stderr.
///
/// # Errors
/// When the handshake or the transport fails.
pub async fn serve_stdio(server: MemoryServer, principal: Principal) -> anyhow::Result<()> {
    let lines = Lines::new(tokio::io::stdin(), tokio::io::stdout());
    let running = serve_server(server.speaking_for(principal), lines).await?;
    running.waiting().await?;
    Ok(())
}

/// One message a line, in both directions.
struct Lines<W> {
    messages: mpsc::Receiver<RxJsonRpcMessage<RoleServer>>,
    output: Arc<Mutex<W>>,
}

impl<W: AsyncWrite + Send + Unpin + 'static> Lines<W> {
    /// Reads on a task of its own: rmcp may drop a read half-way, and half a line must not be lost.
    fn new<R: AsyncRead + Send + Unpin + 'static>(input: R, output: W) -> Self {
        let (inbox, messages) = mpsc::channel(INBOX);
        let output = Arc::new(Mutex::new(output));
        tokio::spawn(listen(BufReader::new(input), output.clone(), inbox));
        Self { messages, output }
    }
}

impl<W: AsyncWrite + Send + Unpin + 'static> Transport<RoleServer> for Lines<W> {
    type Error = io::Error;

    fn send(&mut self, message: TxJsonRpcMessage<RoleServer>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let output = self.output.clone();
        async move { write(&output, serde_json::to_string(&message)?).await }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        self.messages.recv().await
    }

    async fn close(&mut self) -> io::Result<()> {
        self.messages.close();
        Ok(())
    }
}

async fn write<W: AsyncWrite + Unpin>(output: &Mutex<W>, mut line: String) -> io::Result<()> {
    line.push('\n');
    let mut output = output.lock().await;
    output.write_all(line.as_bytes()).await?;
    output.flush().await
}

/// Until the input ends, or nobody takes its messages.
async fn listen<R, W>(mut input: R, output: Arc<Mutex<W>>, inbox: mpsc::Sender<RxJsonRpcMessage<RoleServer>>)
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let (mut line, mut begun) = (Vec::new(), false);
    loop {
        let heard = match next_line(&mut input, &mut line, LONGEST).await {
            Ok(Line::Whole) if line.trim_ascii().is_empty() => continue,
            Ok(Line::Whole) => repair::read(line.trim_ascii()),
            Ok(Line::TooLong) => Err(Refusal::too_long(&line, LONGEST)),
            Ok(Line::End) => return,
            Err(error) => return tracing::error!(%error, "standard input cannot be read"),
        };
        match heard {
            Ok(message) => {
                begun |= matches!(message, ClientJsonRpcMessage::Request(_));
                // rmcp ends where a conversation begins with something that asks for nothing.
                if begun && inbox.send(message).await.is_err() {
                    return;
                }
            }
            Err(refusal) if refusal.is_awaited() => {
                if write(&output, refusal.json()).await.is_err() {
                    return;
                }
            }
            Err(refusal) => tracing::debug!(?refusal, "a line is no message"),
        }
    }
}

enum Line {
    /// To its end, or to that of the input.
    Whole,
    /// Only its beginning; the rest is thrown away.
    TooLong,
    /// There is none.
    End,
}

async fn next_line<R: AsyncBufRead + Unpin>(input: &mut R, line: &mut Vec<u8>, longest: usize) -> io::Result<Line> {
    line.clear();
    let most = longest as u64;
    if input.take(most).read_until(b'\n', line).await? == 0 {
        return Ok(Line::End);
    }
    if line.ends_with(b"\n") || line.len() < longest {
        return Ok(Line::Whole);
    }
    let mut rest = Vec::new();
    while input.take(most).read_until(b'\n', &mut rest).await? > 0 && !rest.ends_with(b"\n") {
        rest.clear();
    }
    Ok(Line::TooLong)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::duplex;

    use super::*;

    /// What reaches the server of these lines, and what is answered before it.
    async fn heard(lines: &[u8]) -> (Vec<ClientJsonRpcMessage>, Vec<Value>) {
        let (mut client, server) = duplex(1 << 20);
        let (input, output) = tokio::io::split(server);
        let mut transport = Lines::new(input, output);
        client.write_all(lines).await.expect("written");
        client.shutdown().await.expect("closed");
        let mut messages = Vec::new();
        while let Some(message) = transport.receive().await {
            messages.push(message);
        }
        drop(transport);
        let mut answers = String::new();
        client.read_to_string(&mut answers).await.expect("text");
        (messages, answers.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
    }

    #[tokio::test]
    async fn whoever_sent_an_id_is_answered() {
        let lines = [
            r#"{"jsonrpc":"2.0","method":"notifications/early"}"#,
            "a shell's greeting",
            "",
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":2,"method":"ping","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"#,
            r#"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"a","arguments":{"text":"\ud83d"}}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        ];
        // The last line has no end.
        let (messages, answers) = heard(lines.join("\r\n").as_bytes()).await;
        assert_eq!(messages.len(), 3, "{messages:?}");
        let told: Vec<_> = answers.iter().map(|answer| (answer["id"].clone(), answer["error"]["code"].clone())).collect();
        assert_eq!(told, [(json!(1), json!(-32602)), (json!(3), json!(-32700))]);
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_passed_over() {
        let mut input = BufReader::new(&b"{\"id\":5,\"method\":\"0123456789\nshort\nlast"[..]);
        let mut line = Vec::new();
        assert!(matches!(next_line(&mut input, &mut line, 20).await, Ok(Line::TooLong)));
        assert!(Refusal::too_long(&line, 20).json().contains("\"id\":5"), "{line:?}");
        for expected in [&b"short\n"[..], b"last"] {
            assert!(matches!(next_line(&mut input, &mut line, 20).await, Ok(Line::Whole)));
            assert_eq!(line, expected);
        }
        assert!(matches!(next_line(&mut input, &mut line, 20).await, Ok(Line::End)));
    }
}
