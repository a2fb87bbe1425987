//! Claims about lists.

use palisade_core::{Limit, Parse, Role};

use super::{Suite, name};
use crate::{Direction, Email, Filter, Listing, Position, SearchText, Sort, Status, User, Username};

const SORTS: [&str; 6] = ["created_at", "-created_at", "email", "-email", "username", "-username"];

impl Suite {
    pub(super) async fn every_order_is_the_same_on_every_store(&self) {
        // Moments with and without fractions, and one that several share; names that a collation of words
        // would put otherwise than their bytes do.
        let rows = [
            (0, "b@example.com", "B_b"),
            (1_000_000, "a.b@example.com", "a_c"),
            (1_000_000, "ab@example.com", "AB1"),
            (1_000_000, "a-b@example.com", "a0b"),
            (1_000_001, "a_b@example.com", "ABC"),
            (1_100_000, "a+b@example.com", "zzz"),
            (-1, "1@example.com", "___"),
        ];
        for (micros, email, username) in rows {
            let (email, username) = (Email::parse(email).unwrap(), Username::parse(username).unwrap());
            self.add(User { email, username, created_at: self.at(micros), ..self.someone() }).await;
        }
        for sort in SORTS.map(|text| Sort::parse(text).unwrap()) {
            let found = self.everything(sort, &Filter::default(), 100).await;
            let mut wanted = found.clone();
            wanted.sort_by_cached_key(|user| Position::of(user, sort.by));
            if sort.direction == Direction::Descending {
                wanted.reverse();
            }
            assert_eq!(found, wanted, "{sort}");
            assert!(found.len() > rows.len());
        }
    }

    pub(super) async fn pages_neither_repeat_nor_skip(&self) {
        for sort in SORTS.map(|text| Sort::parse(text).unwrap()) {
            let whole = self.everything(sort, &Filter::default(), 100).await;
            for limit in [1, 3] {
                assert_eq!(
                    self.everything(sort, &Filter::default(), limit).await,
                    whole,
                    "{sort} by {limit}"
                );
            }
        }
        let sort = Sort::default();
        let before = self.everything(sort, &Filter::default(), 100).await;
        let (first, rest) = before.split_at(3);
        let early = User { created_at: self.at(-9_000_000), ..self.someone() };
        self.add(early).await;
        let after = first.last().map(|user| Position::of(user, sort.by));
        let listing = Listing { filter: Filter::default(), sort, after, limit: limit(100) };
        assert_eq!(
            self.store.list(&listing).await.unwrap(),
            rest,
            "a user added before the page shifts nothing"
        );
    }

    pub(super) async fn a_search_finds_text_as_it_stands_in_any_case(&self) {
        let names = [
            "50% off!",
            "50_ off",
            "50\\ off",
            "500 off",
            "Ångström ÉCOLE",
            "o''Hara \"x\"",
            "Straße",
            "ΟΔΥΣΣΕΥΣ",
        ];
        for text in names {
            self.add(User { name: name(text), ..self.someone() }).await;
        }
        let found = async |text: &str| {
            let filter = Filter { text: Some(SearchText::parse(text).unwrap()), ..Filter::default() };
            let users = self.everything(Sort::default(), &filter, 100).await;
            users.iter().filter_map(|user| user.name.clone()).map(|name| name.to_string()).collect::<Vec<_>>()
        };
        for (text, wanted) in [
            ("50%", "50% off!"),
            ("F!", "50% off!"),
            ("50_", "50_ off"),
            ("50\\", "50\\ off"),
            ("ÅNGSTRÖM école", "Ångström ÉCOLE"),
            ("O''HARA \"", "o''Hara \"x\""),
            ("ß", "Straße"),
            ("STRASSE", "Straße"),
            ("ΟΔΥΣ", "ΟΔΥΣΣΕΥΣ"),
            ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"),
            ("a\u{30a}ngstro\u{308}m", "Ångström ÉCOLE"),
        ] {
            assert_eq!(found(text).await, [wanted], "{text}");
        }
        assert!(found("%%").await.is_empty() && found("nobody has this").await.is_empty());

        let user = self.add(self.someone()).await;
        for text in [user.email.as_str(), &user.username.as_str().to_uppercase()] {
            let filter = Filter { text: Some(SearchText::parse(text).unwrap()), ..Filter::default() };
            let users = self.everything(Sort::default(), &filter, 100).await;
            assert!(users.contains(&user), "{text}");
        }
    }

    pub(super) async fn a_role_and_a_status_are_found_whole(&self) {
        let role = |text: &str| Role::parse(text).unwrap();
        let with = |roles: &[&str], status| User {
            roles: roles.iter().map(|text| role(text)).collect(),
            status,
            ..self.someone()
        };
        let ops = self.add(with(&["a", "ops_1", "z"], Status::Active)).await;
        let retired = self.add(with(&["ops_1"], Status::Disabled)).await;
        self.add(with(&["ops_10", "opsx1", "xops_1"], Status::Active)).await;
        let found = async |role, status| {
            let filter = Filter { role: Some(role), status, ..Filter::default() };
            self.everything(Sort::parse("created_at").unwrap(), &filter, 100).await
        };
        let both = found(role("ops_1"), None).await;
        assert_eq!(both.len(), 2);
        assert!(both.contains(&ops) && both.contains(&retired));
        assert_eq!(found(role("ops_1"), Some(Status::Active)).await, [ops]);
        assert_eq!(found(role("ops_1"), Some(Status::Disabled)).await, [retired]);
        assert!(found(role("ops"), None).await.is_empty());
    }

    pub(super) async fn all(&self) -> Vec<User> {
        self.everything(Sort::default(), &Filter::default(), 100).await
    }

    /// Walks all pages of a list.
    async fn everything(&self, sort: Sort, filter: &Filter, per_page: u8) -> Vec<User> {
        let (mut users, mut after) = (Vec::new(), None);
        loop {
            let listing = Listing { filter: filter.clone(), sort, after, limit: limit(per_page) };
            let mut page = self.store.list(&listing).await.unwrap();
            assert!(page.len() <= usize::from(per_page) + 1, "one more than the limit at most");
            let more = page.len() > usize::from(per_page);
            page.truncate(per_page.into());
            after = page.last().map(|user| Position::of(user, sort.by));
            users.append(&mut page);
            if !more {
                return users;
            }
        }
    }
}

fn limit(number: u8) -> Limit {
    Limit::parse(&number.to_string()).unwrap()
}
