//! The file of an import on its way in: on disk, not in memory, and one of each account at a time.

use std::{fs::File, io, sync::Arc};

use axum::{body::Body, http::HeaderMap};
use futures::StreamExt;
use tokio::{
    io::AsyncWriteExt,
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::form::FormFile;
use crate::{
    error::{Code, Error, Result},
    http::content_length,
    ids::TenantId,
    limits::{Resource, Slot, Slots},
};

/// Files that are read and stored at a time, of all accounts; the others wait.
const READ_AT_A_TIME: usize = 2;

/// The files on their way.
#[derive(Clone)]
pub struct Uploads {
    largest: u64,
    tenants: Slots<TenantId>,
    turns: Arc<Semaphore>,
}

/// Until it is dropped, a file is the only one of its account, and one of the few that are read.
pub(super) struct Held {
    _slot: Slot<TenantId>,
    _turn: OwnedSemaphorePermit,
}

impl Uploads {
    /// Takes files of at most `largest` bytes.
    #[must_use]
    pub fn new(largest: u64) -> Self {
        Self { largest, tenants: Slots::new(Resource::Upload, 1), turns: Arc::new(Semaphore::new(READ_AT_A_TIME)) }
    }

    /// Puts a body, or the file in it where it is a form, on disk, and waits until it may be read.
    ///
    /// # Errors
    /// `too_large`; `invalid_argument` for a form without a file; `rate_limited` beside another of the account; `invalid_body`
    /// when it breaks off; `unavailable` when the disk does not take it.
    pub(super) async fn receive(&self, tenant: TenantId, headers: &HeaderMap, body: Body) -> Result<(File, Held)> {
        if content_length(headers) > Some(self.largest) {
            return Err(self.too_large());
        }
        let slot = self.tenants.take(tenant)?;
        let mut file = tokio::fs::File::from_std(tempfile::tempfile().map_err(no_room)?);
        let (mut pieces, mut size, mut form) = (body.into_data_stream(), 0, FormFile::of(headers)?);
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(|_| Error::new(Code::InvalidBody, "The file could not be read to its end. Send it again."))?;
            size += piece.len() as u64;
            if size > self.largest {
                return Err(self.too_large());
            }
            match &mut form {
                Some(form) => file.write_all(&form.next(&piece)?).await,
                None => file.write_all(&piece).await,
            }
            .map_err(no_room)?;
        }
        if let Some(form) = form {
            form.end()?;
        }
        file.flush().await.map_err(no_room)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        Ok((file.into_std().await, Held { _slot: slot, _turn: turn }))
    }

    fn too_large(&self) -> Error {
        let mib = self.largest / (1024 * 1024);
        let detail = format!(
            "The file is larger than the {mib} MiB that are taken here. Of an archive, send the file of the conversations or memories \
             alone; the operator has 'jmem import' for files of any size."
        );
        Error::new(Code::TooLarge, detail)
    }
}

fn no_room(error: io::Error) -> Error {
    Error::unavailable("The server has no room for the file just now. Nothing was stored; send it again later.", 60)
        .with_source(anyhow::Error::new(error).context("an import's file cannot be written to the folder for temporary files (TMPDIR)"))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use axum::body::Bytes;
    use futures::stream;

    use super::*;

    async fn refused(uploads: &Uploads, tenant: TenantId, body: Body) -> Code {
        uploads.receive(tenant, &HeaderMap::new(), body).await.map(drop).expect_err("refused").code()
    }

    #[tokio::test]
    async fn one_file_of_an_account_at_a_time_and_none_too_large() {
        let uploads = Uploads::new(10);
        let (ann, bob) = (TenantId::new(), TenantId::new());
        // Without a length: noticed on the way.
        let pieces = |sizes: &[usize]| {
            let pieces: Vec<_> = sizes.iter().map(|size| Ok::<_, io::Error>(Bytes::from(vec![b'x'; *size]))).collect();
            Body::from_stream(stream::iter(pieces))
        };
        assert_eq!(refused(&uploads, ann, pieces(&[6, 6])).await, Code::TooLarge);
        let torn = Body::from_stream(stream::iter([Ok(Bytes::from_static(b"x")), Err(io::Error::other("gone"))]));
        assert_eq!(refused(&uploads, ann, torn).await, Code::InvalidBody);

        let (mut file, held) = uploads.receive(ann, &HeaderMap::new(), pieces(&[4, 6])).await.map_err(|e| e.code()).expect("taken");
        let mut text = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut text)).expect("read");
        assert_eq!(text, "x".repeat(10));
        assert_eq!(refused(&uploads, ann, pieces(&[1])).await, Code::RateLimited);
        let other = uploads.receive(bob, &HeaderMap::new(), pieces(&[1])).await;
        assert!(other.is_ok(), "another account has its own place");
        drop(held);
        assert!(uploads.receive(ann, &HeaderMap::new(), pieces(&[1])).await.is_ok(), "the place is free again");

        let mut headers = HeaderMap::new();
        headers.insert("content-length", "11".parse().expect("a value"));
        let code = uploads.receive(ann, &headers, Body::empty()).await.map(drop).expect_err("refused").code();
        assert_eq!(code, Code::TooLarge, "before a byte of it is read");
    }
}
