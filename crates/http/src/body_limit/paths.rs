//! Which limit holds for which part of the tree.

/// Limits by path prefix.
#[derive(Debug, Clone)]
pub(super) struct PathLimits {
    /// The longest prefix first.
    limits: Vec<(Prefix, usize)>,
    elsewhere: usize,
}

/// The first segments of a path; `None` is any segment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prefix(Vec<Option<String>>);

impl PathLimits {
    pub(super) const fn new(elsewhere: usize) -> Self {
        Self { limits: Vec::new(), elsewhere }
    }

    /// Sets the limit under `prefix`, in place of one that is there.
    pub(super) fn insert(&mut self, prefix: &str, limit: usize) {
        let prefix = Prefix::of(prefix);
        self.limits.retain(|(known, _)| *known != prefix);
        self.limits.push((prefix, limit));
        // Of two prefixes of one length the one with more fixed segments is the closer one.
        self.limits.sort_by_key(|(Prefix(segments), _)| {
            let fixed = segments.iter().flatten().count();
            std::cmp::Reverse((segments.len(), fixed))
        });
    }

    /// The limit for a body that is sent to `path`.
    pub(super) fn of(&self, path: &str) -> usize {
        let closest = self.limits.iter().find(|(prefix, _)| prefix.covers(path));
        closest.map_or(self.elsewhere, |(_, limit)| *limit)
    }
}

impl Prefix {
    fn of(text: &str) -> Self {
        let segments = text.split('/').filter(|segment| !segment.is_empty());
        Self(segments.map(|segment| (!segment.starts_with('{')).then(|| segment.to_owned())).collect())
    }

    /// Whole segments only: `/api/v1/imp` does not cover `/api/v1/imports`.
    fn covers(&self, path: &str) -> bool {
        let mut segments = path.split('/').skip(1);
        self.0.iter().all(|wanted| {
            segments.next().is_some_and(|segment| match wanted {
                Some(name) => name == segment,
                None => !segment.is_empty(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_of_whole_segments_decides() {
        let mut limits = PathLimits::new(1);
        for (prefix, limit) in [
            ("/api/v1", 2),
            ("/api/v1/imports", 3),
            ("/api/v1/users/{id}/avatar", 5),
            ("/api/v1/users/me/avatar/", 4),
            ("/api/v1/uploads", 9),
            ("/api/v1/uploads", 6),
        ] {
            limits.insert(prefix, limit);
        }
        for (path, limit) in [
            ("/", 1),
            ("", 1),
            ("/api", 1),
            ("/api/v1", 2),
            ("/api/v10/imports", 1),
            ("/api/v1/", 2),
            ("/api/v1/imp", 2),
            ("/api/v1/imports", 3),
            ("/api/v1/imports/", 3),
            ("/api/v1/imports2", 2),
            ("/api/v1/imports/7/rows", 3),
            ("/api/v1/uploads", 6),
            ("/api/v1/users/7/avatar", 5),
            ("/api/v1/users/me/avatar", 4),
            ("/api/v1/users//avatar", 2),
            ("/API/V1/uploads", 1),
        ] {
            assert_eq!(limits.of(path), limit, "{path}");
        }
    }

    #[test]
    fn the_root_is_a_prefix_of_everything() {
        let mut limits = PathLimits::new(1);
        limits.insert("/", 2);
        assert_eq!((limits.of("/"), limits.of("/a/b")), (2, 2));
    }
}
