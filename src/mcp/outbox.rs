//! Answers that wait for the clients of the legacy transport: those of all streams in one place, since their sum is what a
//! server can run out of.
//!
//! rmcp hands over an answer when it is ready, not when somebody reads. So what waits is bounded: for one person, and for the
//! process. Where it is too much, the stream with the most is dropped, of whoever has the most: a client that does not read
//! loses its own stream, and what others wait for is not touched. What is dropped is free at once, whether or not its connection
//! ever hears of it.

use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::body::Bytes;
use futures::Stream;
use parking_lot::Mutex;
use rmcp::{RoleServer, service::TxJsonRpcMessage};
use tokio_util::sync::CancellationToken;

use super::hub::StreamId;
use crate::ids::UserId;

/// Answers that may wait for one reader.
const MESSAGES: usize = 256;
/// So large a part of the bytes is one person's.
const PART: usize = 4;
/// An answer leaves in pieces of so many bytes, so that no more than one of them lies with a connection that does not read.
const PIECE: usize = 16 * 1024;
/// How an event begins and ends. JSON on one line has no line breaks of its own.
const EVENT: (&[u8], &[u8]) = (b"event: message\ndata: ", b"\n\n");

/// The client does not read its stream, which has been ended.
#[derive(Debug, thiserror::Error)]
#[error("the client does not read its stream")]
pub(super) struct SlowReader;

/// What waits, of all streams of this process.
pub(super) struct Outboxes {
    waiting: Mutex<Waiting>,
    most: usize,
}

#[derive(Default)]
struct Waiting {
    bytes: usize,
    users: HashMap<UserId, usize>,
    streams: HashMap<StreamId, Queue>,
}

struct Queue {
    user: UserId,
    bytes: usize,
    messages: VecDeque<Vec<u8>>,
    /// How much of the first one has left.
    left: usize,
    reader: Option<Waker>,
    cancel: CancellationToken,
}

impl Outboxes {
    /// For at most `most` bytes.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), most })
    }

    /// The two ends of a new stream's answers. `cancel` is cancelled when they become too much.
    pub(super) fn open(self: &Arc<Self>, id: StreamId, user: UserId, cancel: CancellationToken) -> (Outbox, Answers) {
        let queue = Queue { user, bytes: 0, messages: VecDeque::new(), left: 0, reader: None, cancel };
        self.waiting.lock().streams.insert(id, queue);
        (Outbox { all: self.clone(), id }, Answers { all: self.clone(), id })
    }

    fn put(&self, id: StreamId, message: Vec<u8>) -> Result<(), SlowReader> {
        let mut waiting = self.waiting.lock();
        let (len, all) = (message.len(), self.most);
        let queue = waiting.streams.get_mut(&id).ok_or(SlowReader)?;
        if queue.messages.len() >= MESSAGES {
            waiting.drop_stream(id);
            return Err(SlowReader);
        }
        let user = queue.user;
        queue.messages.push_back(message);
        queue.bytes += len;
        if let Some(reader) = queue.reader.take() {
            reader.wake();
        }
        waiting.bytes += len;
        *waiting.users.entry(user).or_default() += len;
        // One large answer is taken where nothing else waits.
        while waiting.of(user) > (all / PART).max(len) {
            waiting.drop_largest_of(user);
        }
        while waiting.bytes > all {
            let Some(user) = waiting.heaviest() else { break };
            waiting.drop_largest_of(user);
        }
        let kept = waiting.streams.contains_key(&id);
        waiting.publish();
        if kept { Ok(()) } else { Err(SlowReader) }
    }
}

impl Waiting {
    fn of(&self, user: UserId) -> usize {
        self.users.get(&user).copied().unwrap_or_default()
    }

    fn heaviest(&self) -> Option<UserId> {
        self.users.iter().max_by_key(|(_, bytes)| **bytes).map(|(user, _)| *user)
    }

    fn drop_largest_of(&mut self, user: UserId) {
        let streams = self.streams.iter().filter(|(_, queue)| queue.user == user);
        if let Some(id) = streams.max_by_key(|(_, queue)| queue.bytes).map(|(id, _)| *id) {
            self.drop_stream(id);
        }
    }

    fn drop_stream(&mut self, id: StreamId) {
        let Some(queue) = self.streams.remove(&id) else { return };
        self.release(queue.user, queue.bytes);
        queue.cancel.cancel();
        if let Some(reader) = queue.reader {
            reader.wake();
        }
    }

    fn release(&mut self, user: UserId, bytes: usize) {
        self.bytes -= bytes;
        if let Some(of_user) = self.users.get_mut(&user) {
            *of_user -= bytes;
            if *of_user == 0 {
                self.users.remove(&user);
            }
        }
    }

    /// The next piece of what waits; `None` where nothing does.
    fn piece(&mut self, id: StreamId) -> Option<Bytes> {
        let queue = self.streams.get_mut(&id)?;
        let first = queue.messages.front()?;
        let end = first.len().min(queue.left + PIECE);
        let piece = Bytes::copy_from_slice(&first[queue.left..end]);
        queue.left = end;
        if end == first.len() {
            let (user, bytes) = (queue.user, end);
            queue.messages.pop_front();
            queue.left = 0;
            queue.bytes -= bytes;
            self.release(user, bytes);
        }
        Some(piece)
    }

    fn publish(&self) {
        #[expect(clippy::cast_precision_loss, reason = "gauges are floats")]
        metrics::gauge!("mcp_waiting_bytes").set(self.bytes as f64);
    }
}

/// Where the answers of one stream are put. Its end is the stream's.
pub(super) struct Outbox {
    all: Arc<Outboxes>,
    id: StreamId,
}

impl Outbox {
    /// Never waits: answers to a reader that has stopped must not pile up anywhere.
    ///
    /// # Errors
    /// When the stream has been ended, just now or before.
    pub(super) fn put(&self, message: &TxJsonRpcMessage<RoleServer>) -> Result<(), SlowReader> {
        let mut event = EVENT.0.to_vec();
        serde_json::to_writer(&mut event, message).expect("messages are plain data with string keys");
        self.finish(event)
    }

    /// As [`Self::put`], for an answer that is JSON already.
    ///
    /// # Errors
    /// As those of [`Self::put`].
    pub(super) fn put_json(&self, json: &str) -> Result<(), SlowReader> {
        self.finish([EVENT.0, json.as_bytes()].concat())
    }

    fn finish(&self, mut event: Vec<u8>) -> Result<(), SlowReader> {
        event.extend_from_slice(EVENT.1);
        // What grows as it is written has up to twice its size.
        event.shrink_to_fit();
        self.all.put(self.id, event)
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        let mut waiting = self.all.waiting.lock();
        waiting.drop_stream(self.id);
        waiting.publish();
    }
}

/// The answers of one stream, in pieces; it ends with its [`Outbox`].
pub(super) struct Answers {
    all: Arc<Outboxes>,
    id: StreamId,
}

impl Stream for Answers {
    type Item = Bytes;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut waiting = self.all.waiting.lock();
        if let Some(piece) = waiting.piece(self.id) {
            waiting.publish();
            return Poll::Ready(Some(piece));
        }
        let Some(queue) = waiting.streams.get_mut(&self.id) else { return Poll::Ready(None) };
        queue.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    fn open(all: &Arc<Outboxes>, n: u128, user: UserId) -> (Outbox, Answers, CancellationToken) {
        let cancel = CancellationToken::new();
        let (outbox, answers) = all.open(StreamId::of(n), user, cancel.clone());
        (outbox, answers, cancel)
    }

    fn bytes(all: &Outboxes) -> usize {
        all.waiting.lock().bytes
    }

    #[tokio::test]
    async fn an_answer_arrives_whole_and_is_counted_until_then() {
        let all = Outboxes::new(1 << 20);
        let (outbox, mut answers, _) = open(&all, 1, UserId::new());
        let json = format!("\"{}\"", "x".repeat(3 * PIECE));
        outbox.put_json(&json).expect("room");
        let mut read = answers.next().await.expect("a piece").to_vec();
        assert!(read.len() == PIECE && bytes(&all) > 3 * PIECE, "what has not left whole is there whole");
        while bytes(&all) > 0 {
            read.extend(answers.next().await.expect("a piece"));
        }
        assert_eq!(String::from_utf8(read).expect("text"), format!("event: message\ndata: {json}\n\n"));
        let waits = tokio::spawn(async move { answers.next().await });
        outbox.put_json("{}").expect("room");
        assert!(waits.await.expect("no panic").is_some_and(|piece| piece.ends_with(b"{}\n\n")));
    }

    #[tokio::test]
    async fn who_does_not_read_loses_a_stream_and_nobody_else_does() {
        let (all, kib) = (Outboxes::new(1 << 20), "x".repeat(1_000));
        let (ann, bob) = (UserId::new(), UserId::new());
        let (of_bob, mut read_by_bob, bobs) = open(&all, 0, bob);
        of_bob.put_json(&kib).expect("room");
        let streams: Vec<_> = (1..=8).map(|n| open(&all, n, ann)).collect();
        for turn in 0..3_000 {
            let _ = streams[turn % 8].0.put_json(&kib);
            assert!(bytes(&all) <= (1 << 20) / PART + 1_100, "one person has a part");
        }
        assert!(streams.iter().all(|(.., cancel)| cancel.is_cancelled()) && !bobs.is_cancelled());
        assert!(read_by_bob.next().await.is_some());
        drop((streams, of_bob));
        assert!(read_by_bob.next().await.is_none());
        let waiting = all.waiting.lock();
        assert!(waiting.bytes == 0 && waiting.users.is_empty() && waiting.streams.is_empty());
    }

    #[tokio::test]
    async fn where_many_do_not_read_the_heaviest_goes_first() {
        let (all, large) = (Outboxes::new(1 << 20), "x".repeat(100_000));
        let (reader, _answers, reads) = open(&all, 0, UserId::new());
        reader.put_json("{}").expect("room");
        let others: Vec<_> = (1..=20).map(|n| open(&all, n, UserId::new())).collect();
        for (outbox, ..) in others.iter().cycle().take(100) {
            let _ = outbox.put_json(&large);
            assert!(bytes(&all) <= 1 << 20);
        }
        assert!(others.iter().any(|(.., cancel)| cancel.is_cancelled()));
        reader.put_json("{}").expect("room");
        assert!(!reads.is_cancelled());
    }

    #[test]
    fn a_large_answer_alone_is_taken() {
        let all = Outboxes::new(1 << 20);
        let (outbox, _answers, cancel) = open(&all, 0, UserId::new());
        outbox.put_json(&"x".repeat(700_000)).expect("alone");
        assert!(outbox.put_json(&"x".repeat(700_000)).is_err() && cancel.is_cancelled());
        assert!(outbox.put_json("{}").is_err(), "it stays ended");
        assert_eq!(bytes(&all), 0);
    }
}
