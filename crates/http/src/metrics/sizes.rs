//! How large bodies are: by what their head tells, else by what passes.

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

/// The size of a request's body.
#[derive(Debug)]
pub(super) enum Size {
    /// As announced.
    Known(u64),
    /// What has been read of it so far.
    Read(Rc<Cell<u64>>),
}

impl Size {
    /// That of `request`, whose body is counted while it is read where its head does not tell.
    pub(super) fn of(request: &mut ServiceRequest) -> Self {
        match Announced::of(request.headers()) {
            Announced::Nothing => Self::Known(0),
            Announced::Length(bytes) => Self::Known(bytes as u64),
            Announced::Unknown => {
                let read = Rc::new(Cell::new(0));
                let payload = Box::pin(Tee::new(request.take_payload(), Reading(Rc::clone(&read))));
                request.set_payload(Payload::Stream { payload });
                Self::Read(read)
            }
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Known(bytes) => *bytes,
            Self::Read(read) => read.get(),
        }
    }
}

/// Has the size of a response's body measured: at once where it is known, else when the body is done with.
pub(super) fn measured(body: BoxBody, series: Rc<Series>) -> BoxBody {
    let size = match body.size() {
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
