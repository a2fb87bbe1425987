//! Which encoder a body gets.

use std::{cell::RefCell, io};

use actix_web::{
    body::{BoxBody, MessageBody as _},
    http::header::ContentEncoding,
};
use bytes::Bytes;

use super::{
    at_once::{AT_ONCE, AtOnce},
    encoder::{Effort, Encoder},
    streamed::Streamed,
    whole::Whole,
};
use crate::{
    coders::{Coder, Coders},
    static_body::{Claim, Held, StaticBody},
};

/// The encoders of one worker.
pub(super) struct Encoders {
    coders: Coders,
    at_once: RefCell<AtOnce>,
}

/// A body in the coding that was asked for, or as it was, where no encoder is free.
pub(super) type Encoded = Result<BoxBody, BoxBody>;

impl Encoders {
    pub(super) fn new(coders: Coders) -> Self {
        Self { coders, at_once: RefCell::default() }
    }

    /// A small body at once, a large one when it is sent, a stream as it comes.
    pub(super) fn encode(&self, body: BoxBody, coding: ContentEncoding) -> Encoded {
        let body = match body.try_into_bytes() {
            Ok(bytes) if bytes.len() <= AT_ONCE => {
                let coded = self.at_once.borrow_mut().encode(coding, &bytes);
                return coded.map(BoxBody::new).or_else(|error| as_it_was(&error, BoxBody::new(bytes)));
            }
            Ok(bytes) => {
                let coder = self.coders.response(Encoder::memory(coding, Effort::EachTime));
                return whole(bytes, coding, Effort::EachTime, coder, None);
            }
            Err(body) => body,
        };
        let Some(coder) = self.coders.stream(Encoder::memory(coding, Effort::EachTime)) else {
            return Err(body);
        };
        match Encoder::new(coding, Effort::EachTime, None) {
            Ok(encoder) => Ok(BoxBody::new(Streamed::new(body, encoder, coder))),
            Err(error) => as_it_was(&error, body),
        }
    }

    /// A static body: the bytes that are kept, or the first making of them. Until they are there, others get the body as
    /// it is.
    pub(super) fn encode_static(
        &self,
        body: BoxBody,
        known: &StaticBody,
        coding: ContentEncoding,
    ) -> Encoded {
        // What stands in between, such as a log of bodies, wants to see each of them.
        let bytes = match body.try_into_bytes() {
            Ok(bytes) => bytes,
            Err(body) => return self.encode(body, coding),
        };
        match known.form(coding) {
            Held::Made(coded) => Ok(BoxBody::new(coded)),
            Held::InTheMaking => Err(BoxBody::new(bytes)),
            Held::ToMake(claim) if bytes.len() <= AT_ONCE => match once(coding, &bytes) {
                Ok(coded) => {
                    claim.made(coded.clone());
                    Ok(BoxBody::new(coded))
                }
                Err(error) => as_it_was(&error, BoxBody::new(bytes)),
            },
            Held::ToMake(claim) => {
                let coder = self.coders.response(Encoder::memory(coding, Effort::Once));
                whole(bytes, coding, Effort::Once, coder, Some(claim))
            }
        }
    }
}

fn once(coding: ContentEncoding, body: &[u8]) -> io::Result<Bytes> {
    let mut coded = Vec::new();
    Encoder::new(coding, Effort::Once, Some(body.len()))?.finish(body, &mut coded)?;
    coded.shrink_to_fit();
    Ok(coded.into())
}

fn whole(
    bytes: Bytes,
    coding: ContentEncoding,
    effort: Effort,
    coder: Option<Coder>,
    claim: Option<Claim>,
) -> Encoded {
    let Some(coder) = coder else { return Err(BoxBody::new(bytes)) };
    match Encoder::new(coding, effort, Some(bytes.len())) {
        Ok(encoder) => Ok(BoxBody::new(Whole::new(bytes, encoder, coder, claim))),
        Err(error) => as_it_was(&error, BoxBody::new(bytes)),
    }
}

fn as_it_was(error: &io::Error, body: BoxBody) -> Encoded {
    tracing::error!(%error, "compression.failed");
    Err(body)
}
