//! Bodies that are small enough to be compressed in one go.

use std::io;

use actix_web::http::header::ContentEncoding;
use bytes::Bytes;

use super::encoder::{Effort, Encoder};

/// The largest body that is compressed in one go: less than half a millisecond of work.
pub(super) const AT_ONCE: usize = 64 * 1024;

/// The encoders of one worker, which are used again for each body.
#[derive(Default)]
pub(super) struct AtOnce {
    gzip: Option<Encoder>,
    zstd: Option<Encoder>,
}

impl AtOnce {
    pub(super) fn encode(&mut self, coding: ContentEncoding, body: &[u8]) -> io::Result<Bytes> {
        let mut unkept = None;
        let kept = match coding {
            ContentEncoding::Gzip => &mut self.gzip,
            ContentEncoding::Zstd => &mut self.zstd,
            // Its library makes each encoder anew.
            _ => &mut unkept,
        };
        let mut encoder = match kept.take().and_then(|encoder| encoder.restarted(body.len())) {
            Some(encoder) => encoder,
            None => Encoder::new(coding, Effort::EachTime, Some(body.len()))?,
        };
        let mut coded = Vec::with_capacity(body.len() / 4);
        encoder.finish(body, &mut coded)?;
        *kept = Some(encoder);
        Ok(coded.into())
    }
}
