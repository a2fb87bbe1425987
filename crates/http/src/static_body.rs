//! Bodies that never change, kept in each content coding they have been asked for.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{HttpResponse, HttpResponseBuilder, http::header::ContentEncoding};
use bytes::Bytes;

/// A body that is the same for every request. The layer [`Compression`](crate::compression::Compression) compresses it
/// once for each content coding; all responses then share these bytes. While it is being compressed, other clients get
/// it uncompressed. Clones share what was made.
///
/// ```
/// use actix_web::HttpResponse;
/// use palisade_http::static_body::StaticBody;
///
/// let page = StaticBody::new("<!doctype html>…");
/// let answer = page.respond(HttpResponse::Ok().content_type("text/html"))?;
/// # let _ = answer;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct StaticBody(Arc<Forms>);

struct Forms {
    plain: Mutex<Option<Bytes>>,
    gzip: Mutex<Form>,
    brotli: Mutex<Form>,
    zstd: Mutex<Form>,
    times_compressed: AtomicUsize,
}

#[derive(Clone)]
enum Form {
    Missing,
    InTheMaking,
    Made(Bytes),
}

impl StaticBody {
    /// A body of these bytes.
    #[must_use]
    pub fn new(plain: impl Into<Bytes>) -> Self {
        Self::of(Some(plain.into()), Form::Missing)
    }

    /// A body that is there as a gzip file. It is decompressed when that is first needed.
    #[must_use]
    pub fn from_gzip(gzip: impl Into<Bytes>) -> Self {
        Self::of(None, Form::Made(gzip.into()))
    }

    fn of(plain: Option<Bytes>, gzip: Form) -> Self {
        Self(Arc::new(Forms {
            plain: Mutex::new(plain),
            gzip: Mutex::new(gzip),
            brotli: Mutex::new(Form::Missing),
            zstd: Mutex::new(Form::Missing),
            times_compressed: AtomicUsize::new(0),
        }))
    }

    /// The response with this body.
    ///
    /// # Errors
    /// When what was given as a gzip file is none.
    pub fn respond(&self, response: &mut HttpResponseBuilder) -> io::Result<HttpResponse> {
        let mut response = response.body(self.plain()?);
        response.extensions_mut().insert(self.clone());
        Ok(response)
    }

    /// How often it was compressed: at most once for each coding.
    #[must_use]
    pub fn times_compressed(&self) -> usize {
        self.0.times_compressed.load(Ordering::Relaxed)
    }

    fn plain(&self) -> io::Result<Bytes> {
        let mut plain = locked(&self.0.plain);
        if let Some(plain) = &*plain {
            return Ok(plain.clone());
        }
        let Form::Made(gzip) = locked(&self.0.gzip).clone() else { return Ok(Bytes::new()) };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut flate2::read::GzDecoder::new(gzip.as_ref()), &mut bytes)?;
        bytes.shrink_to_fit();
        Ok(plain.insert(bytes.into()).clone())
    }

    /// The body in this coding, or the right to make it.
    #[cfg(feature = "compression")]
    pub(crate) fn form(&self, coding: ContentEncoding) -> Held {
        let Some(place) = self.0.place(coding) else { return Held::InTheMaking };
        let mut form = locked(place);
        match &*form {
            Form::Made(bytes) => Held::Made(bytes.clone()),
            Form::InTheMaking => Held::InTheMaking,
            Form::Missing => {
                *form = Form::InTheMaking;
                Held::ToMake(Claim { body: self.clone(), coding })
            }
        }
    }
}

impl Forms {
    fn place(&self, coding: ContentEncoding) -> Option<&Mutex<Form>> {
        match coding {
            ContentEncoding::Gzip => Some(&self.gzip),
            ContentEncoding::Brotli => Some(&self.brotli),
            ContentEncoding::Zstd => Some(&self.zstd),
            _ => None,
        }
    }
}

/// What there is of a body in one coding.
#[cfg(feature = "compression")]
pub(crate) enum Held {
    Made(Bytes),
    /// Whoever asked is to make it.
    ToMake(Claim),
    InTheMaking,
}

/// The right to make a body in one coding. When it is dropped before, the next may.
#[cfg(feature = "compression")]
pub(crate) struct Claim {
    body: StaticBody,
    coding: ContentEncoding,
}

#[cfg(feature = "compression")]
impl Claim {
    pub(crate) fn made(self, bytes: Bytes) {
        self.body.0.times_compressed.fetch_add(1, Ordering::Relaxed);
        if let Some(place) = self.body.0.place(self.coding) {
            *locked(place) = Form::Made(bytes);
        }
    }
}

#[cfg(feature = "compression")]
impl Drop for Claim {
    fn drop(&mut self) {
        if let Some(place) = self.body.0.place(self.coding) {
            let mut form = locked(place);
            if matches!(*form, Form::InTheMaking) {
                *form = Form::Missing;
            }
        }
    }
}

impl fmt::Debug for StaticBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticBody").finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(all(test, feature = "compression"))]
mod tests {
    use super::*;

    #[test]
    fn one_of_many_makes_a_form_and_all_share_it() {
        let body = StaticBody::new("text");
        let Held::ToMake(claim) = body.form(ContentEncoding::Brotli) else { panic!("nobody has made it") };
        assert!(matches!(body.clone().form(ContentEncoding::Brotli), Held::InTheMaking));
        assert!(matches!(body.form(ContentEncoding::Gzip), Held::ToMake(_)));
        claim.made(Bytes::from_static(b"coded"));
        for _ in 0..2 {
            let Held::Made(bytes) = body.form(ContentEncoding::Brotli) else { panic!("it is made") };
            assert_eq!(bytes, "coded");
        }
        assert_eq!(body.times_compressed(), 1);
    }

    #[test]
    fn a_form_that_was_given_up_is_made_by_the_next() {
        let body = StaticBody::new("text");
        drop(body.form(ContentEncoding::Zstd));
        assert!(matches!(body.form(ContentEncoding::Zstd), Held::ToMake(_)));
        assert_eq!(body.times_compressed(), 0);
    }

    #[test]
    fn a_gzip_file_is_decompressed_once() {
        let mut gzip = Vec::new();
        io::Read::read_to_end(
            &mut flate2::read::GzEncoder::new(&b"text"[..], flate2::Compression::default()),
            &mut gzip,
        )
        .unwrap();
        let body = StaticBody::from_gzip(gzip.clone());
        let (first, second) = (body.plain().unwrap(), body.plain().unwrap());
        assert_eq!((&*first, first.as_ptr()), (&b"text"[..], second.as_ptr()));
        assert!(matches!(body.form(ContentEncoding::Gzip), Held::Made(held) if held == gzip));
        assert!(StaticBody::from_gzip("none").plain().is_err());
    }
}
