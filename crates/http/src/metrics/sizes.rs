//! How large bodies are.

use std::{cell::Cell, rc::Rc};

use actix_web::{
    HttpMessage as _,
    body::{BodySize, BoxBody, MessageBody as _},
    dev::{Payload, ServiceRequest},
};

use super::series::Series;
use crate::{
    announced::Announced,
    tee::{Ending, Tee, Told},
};

/// How much of a request's body has been read.
#[derive(Debug)]
pub(super) struct Read(Option<Rc<Cell<u64>>>);

impl Read {
    /// Counts the body of `request` while it is read, if it has one. What its head announces is a client's word, which a
    /// refused request could make as large as it likes.
    pub(super) fn of(request: &mut ServiceRequest) -> Self {
        if Announced::of(request.headers()) == Announced::Nothing {
            return Self(None);
        }
        let read = Rc::new(Cell::new(0));
        let payload = Box::pin(Tee::new(request.take_payload(), Reading(Rc::clone(&read))));
        request.set_payload(Payload::Stream { payload });
        Self(Some(read))
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |read| read.get())
    }
}

/// Has the size of a response's body measured: at once where it is known, else when the body is done with. The size that
/// an answer to `HEAD` names is that of a body which is not sent.
pub(super) fn measured(body: BoxBody, is_head: bool, series: Rc<Series>) -> BoxBody {
    let size = match body.size() {
        _ if is_head => 0,
        BodySize::None => 0,
        BodySize::Sized(bytes) => bytes,
        BodySize::Stream => return BoxBody::new(Tee::new(body, Sending { series, sent: 0 })),
    };
    series.response_size.observe_bytes(size);
    body
}

struct Reading(Rc<Cell<u64>>);

impl Told for Reading {
    fn pass(&mut self, piece: &[u8]) {
        self.0.set(self.0.get().saturating_add(piece.len() as u64));
    }

    fn tell(self, _: Ending) {}
}

struct Sending {
    series: Rc<Series>,
    sent: u64,
}

impl Told for Sending {
    fn pass(&mut self, piece: &[u8]) {
        self.sent = self.sent.saturating_add(piece.len() as u64);
    }

    fn tell(self, _: Ending) {
        self.series.response_size.observe_bytes(self.sent);
    }
}
