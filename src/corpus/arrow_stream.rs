//! Arrow IPC, message by message.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::root_as_message;
use arrow_schema::SchemaRef;

/// What a file begins and ends with; a stream is what stands between, without the footer.
const MAGIC: &[u8] = b"ARROW1";
/// What every message begins with, but those of old.
const CONTINUATION: [u8; 4] = [0xFF; 4];
/// The message that ends a stream.
const END: [u8; 8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

/// Reads the record batches of a stream, or of a file as the stream that it holds: from the first to the last, never two at once.
/// Messages are cut here, so that no length is believed before its bytes are there, and so that the end is known from a cut.
pub(super) struct ArrowStream {
    stream: BufReader<Box<dyn Read + Send>>,
    decoder: StreamDecoder,
    /// Batches with the size of the message that ended them.
    waiting: VecDeque<(RecordBatch, u64)>,
    is_file: bool,
    has_begun: bool,
    has_ended: bool,
    batches: u64,
}

impl ArrowStream {
    /// Reads as far as the schema.
    pub(super) fn open(
        mut stream: BufReader<Box<dyn Read + Send>>,
    ) -> Result<(Self, SchemaRef), String> {
        let head = stream.fill_buf().map_err(|e| e.to_string())?;
        if head.starts_with(b"FEA1") {
            return Err("it is Feather of version 1, which is not read".to_owned());
        }
        let is_file = head.starts_with(MAGIC);
        if is_file {
            // Two bytes of padding, at least.
            stream.consume(MAGIC.len() + 2);
        }
        let decoder = StreamDecoder::new();
        let waiting = VecDeque::new();
        let mut opened = Self {
            stream,
            decoder,
            waiting,
            is_file,
            has_begun: false,
            has_ended: false,
            batches: 0,
        };
        while opened.decoder.schema().is_none() && !opened.has_ended {
            opened.read_on()?;
        }
        let schema = opened.decoder.schema().ok_or("it has no schema")?;
        Ok((opened, schema))
    }

    /// How many batches were handed out.
    pub(super) fn batches(&self) -> u64 {
        self.batches
    }

    /// The next batch, and about how many bytes it is; `None` at the end.
    pub(super) fn next_batch(&mut self) -> Result<Option<(RecordBatch, u64)>, String> {
        loop {
            if let Some(batch) = self.waiting.pop_front() {
                self.batches += 1;
                return Ok(Some(batch));
            }
            if self.has_ended {
                return Ok(None);
            }
            self.read_on()?;
        }
    }

    fn read_on(&mut self) -> Result<(), String> {
        let message = self.message().map_err(|e| e.to_string())?;
        self.has_ended = message.is_none();
        let message = message.unwrap_or_else(|| END.to_vec());
        let bytes = message.len() as u64;
        let mut message = Buffer::from_vec(message);
        // What has no body comes out with the message behind it.
        while !message.is_empty() {
            let batch = self.decoder.decode(&mut message).map_err(|e| e.to_string())?;
            self.waiting.extend(batch.map(|batch| (batch, bytes)));
        }
        Ok(())
    }

    /// The bytes of one message with its body; `None` at the end.
    fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        // A stream may just end; a file has a footer then.
        if self.stream.fill_buf()?.is_empty() && !self.is_file {
            return Ok(None);
        }
        self.take(4, &mut message)?;
        // Some writers pad the magic of a file to more than 8 bytes.
        while self.is_file && !self.has_begun && message == [0; 4] {
            message.clear();
            self.take(4, &mut message)?;
        }
        self.has_begun = true;
        if message == CONTINUATION {
            self.take(4, &mut message)?;
        }
        let start = message.len();
        let length = message[start - 4..].iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte));
        if length == 0 {
            self.end()?;
            return Ok(None);
        }
        self.take(length, &mut message)?;
        let damaged = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        let header = root_as_message(&message[start..]).map_err(|e| damaged(e.to_string()))?;
        let body = u64::try_from(header.bodyLength());
        self.take(body.map_err(|e| damaged(e.to_string()))?, &mut message)?;
        Ok(Some(message))
    }

    fn take(&mut self, bytes: u64, message: &mut Vec<u8>) -> io::Result<()> {
        let read = self.stream.by_ref().take(bytes).read_to_end(message)?;
        match read as u64 == bytes {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off")),
        }
    }

    /// Reads what stands behind the last message: a file says once more that it is one.
    fn end(&mut self) -> io::Result<()> {
        let mut tail = Vec::new();
        loop {
            let read = self.stream.by_ref().take(1 << 16).read_to_end(&mut tail)?;
            if read == 0 {
                break;
            }
            tail.drain(..tail.len().saturating_sub(MAGIC.len()));
        }
        match self.is_file && tail != MAGIC {
            true => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off")),
            false => Ok(()),
        }
    }
}
