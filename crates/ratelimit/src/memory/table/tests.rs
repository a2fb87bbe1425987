use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn slot(hash: u64, rank: u8, expires: u32) -> Slot {
    Slot { hash, counters: [hash, 0], expires, more: 0, rank, kind: Kind::Here }
}

fn tag(hash: u64) -> Tag {
    Tag { hash, more: 0 }
}

#[test]
fn a_slot_is_half_a_cache_line_and_comes_back_as_it_was() {
    for kind in [Kind::Here, Kind::Words, Kind::Rings] {
        let slot =
            Slot { hash: 1, counters: [2, u64::MAX], expires: 3 << 30, more: 0xABCD, rank: 0xEF, kind };
        assert_eq!(Slot::unpack(slot.pack()), Some(slot));
        assert_eq!(size_of_val(&slot.pack()), 32);
    }
    assert_eq!(Slot::unpack([0; 4]), None);
}

#[test]
fn the_least_harmful_neighbour_goes_first() {
    let mut table = Table::default();
    let (at_its_limit, half, half_and_later, hardly) =
        (slot(1, 255, 9), slot(2, 1, 10), slot(3, 1, 20), slot(4, 0, 90));
    [at_its_limit, half, half_and_later, hardly].into_iter().for_each(|slot| table.insert(slot));
    for gone in [4, 2, 3, 1] {
        assert!(table.find(tag(gone)).is_some());
        table.evict_near(tag(99), 16);
        assert!(table.find(tag(gone)).is_none(), "{gone}");
    }
    assert_eq!(table.len(), 0);
}

#[test]
fn a_swept_table_gives_its_memory_back() {
    let mut table = Table::default();
    (0..10_000).for_each(|hash: u64| table.insert(slot(hash.wrapping_mul(0x9E37_79B9_7F4A_7C15), 0, 5)));
    table.insert(slot(7, 0, 6));
    assert!(table.sweep(4, usize::MAX).1);
    assert_eq!(table.len(), 10_001);
    table.sweep(5, usize::MAX);
    assert_eq!((table.len(), table.slots.len()), (1, SMALLEST));
    table.sweep(6, usize::MAX);
    assert_eq!((table.len(), table.allocated()), (0, 0));
}

#[derive(Debug, Clone)]
enum Step {
    Insert(u64, u32),
    Evict(u64),
    Sweep(u32, usize),
}

fn steps() -> impl Strategy<Value = Step> {
    // Few hashes, whose homes crowd: long runs, and runs over the end.
    let hash = || prop_oneof![0..20_u64, u64::MAX - 20..=u64::MAX, (0..16_u64).prop_map(|part| part << 60)];
    prop_oneof![
        8 => (hash(), 0..20_u32).prop_map(|(hash, expires)| Step::Insert(hash, expires)),
        1 => hash().prop_map(Step::Evict),
        2 => (0..20_u32, 0..50_usize).prop_map(|(second, steps)| Step::Sweep(second, steps)),
    ]
}

proptest! {
    /// Nothing is lost that did not go, and nothing that went is found.
    #[test]
    fn the_table_is_a_map(steps in proptest::collection::vec(steps(), 1..200)) {
        let (mut table, mut model) = (Table::default(), BTreeMap::new());
        for step in steps {
            match step {
                Step::Insert(hash, expires) if !model.contains_key(&hash) => {
                    table.insert(slot(hash, 0, expires));
                    model.insert(hash, expires);
                }
                Step::Insert(..) => {}
                Step::Evict(hash) => {
                    table.evict_near(tag(hash), 3);
                    let before = model.len();
                    model.retain(|hash, _| table.find(tag(*hash)).is_some());
                    prop_assert_eq!(model.len(), before.saturating_sub(1));
                }
                Step::Sweep(second, steps) => {
                    table.sweep(second, steps);
                    model.retain(|hash, expires| *expires > second || table.find(tag(*hash)).is_some());
                }
            }
            prop_assert_eq!(table.len(), model.len());
            for (hash, expires) in &model {
                prop_assert_eq!(table.find(tag(*hash)).map(|(_, slot)| slot.expires), Some(*expires));
            }
            prop_assert!(table.len() * 5 <= table.slots.len() * 4);
        }
    }
}
