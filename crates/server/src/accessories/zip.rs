//! Several files as one zip, made while it is sent: no file and no archive is ever whole in memory.
//!
//! Files are packed in the order of the request. Names that occur twice are numbered, without regard to case, because
//! not every file system has it. A failure in the middle ends the connection, so that nobody takes half for whole.

use super::files::{Files, Key, Stored};
use crate::error::{Error, Result};
use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Packed bytes are sent in pieces of about this size.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that wait for the client.
const PIECES: usize = 2;

/// The body of the archive. Fails when the first file cannot be read, while that can still be answered.
pub async fn pack(files: Files, entries: Vec<(String, Key)>) -> Result<Body> {
    let mut first = match entries.first() {
        Some((_, key)) => Some(files.read(key, None).await?),
        None => None,
    };
    let (sender, receiver) = mpsc::channel(PIECES);
    tokio::spawn(async move {
        if let Err(error) = write(&files, entries, first.take(), &sender).await {
            // A client that went away is not worth a word.
            if !sender.is_closed() {
                tracing::error!(%error, "a zip of accessories broke off");
                let _ = sender.send(Err(io::Error::other("the archive broke off"))).await;
            }
        }
    });
    Ok(Body::from_stream(futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|piece| (piece, receiver))
    })))
}

/// The writer's output that has not been sent yet.
#[derive(Clone, Default)]
struct Pending(Arc<Mutex<Vec<u8>>>);

impl Pending {
    fn take(&self, at_least: usize) -> Option<Bytes> {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (bytes.len() >= at_least.max(1)).then(|| Bytes::from(std::mem::take(&mut *bytes)))
    }
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn write(
    files: &Files,
    entries: Vec<(String, Key)>,
    mut first: Option<Stored>,
    to: &mpsc::Sender<io::Result<Bytes>>,
) -> Result<()> {
    let pending = Pending::default();
    let send = async |at_least| match pending.take(at_least) {
        Some(piece) => to.send(Ok(piece)).await.map_err(Error::internal),
        None => Ok(()),
    };
    let mut archive: ZipWriter<StreamWriter<Pending>> = ZipWriter::new_stream(pending.clone());
    // Some programs cannot read a streamed entry that is not compressed. Most files are compressed already, so that more
    // than the fastest level would gain nothing.
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    let mut names = HashSet::new();
    for (name, key) in entries {
        archive.start_file(unique(&mut names, &name), options).map_err(Error::internal)?;
        let mut bytes = match first.take() {
            Some(bytes) => bytes,
            None => files.read(&key, None).await?,
        };
        while let Some(chunk) = bytes.next().await {
            archive.write_all(&chunk.map_err(Error::internal)?).map_err(Error::internal)?;
            send(PIECE_BYTES).await?;
        }
    }
    archive.finish().map_err(Error::internal)?;
    send(1).await
}

/// `name`, or `name (2)` with the extension kept, and so on.
fn unique(taken: &mut HashSet<String>, name: &str) -> String {
    let (stem, extension) = name.rfind('.').filter(|at| *at > 0).map_or((name, ""), |at| name.split_at(at));
    let mut candidate = name.to_owned();
    let mut number = 2;
    while !taken.insert(candidate.to_lowercase()) {
        candidate = format!("{stem} ({number}){extension}");
        number += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_unique() {
        let mut taken = HashSet::new();
        let names = ["a.txt", "A.TXT", "a.txt", "a (2).txt", "b", "b", ".txt", ".txt", "图.png"];
        let unique: Vec<String> = names.iter().map(|name| unique(&mut taken, name)).collect();
        let expected = ["a.txt", "A (2).TXT", "a (3).txt", "a (2) (2).txt", "b", "b (2)", ".txt", ".txt (2)", "图.png"];
        assert_eq!(unique, expected);
    }
}
