//! Who owns a case, and the guards that a partner passes before it handles one. Pure.

/// Who handles a case, by its number on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i64)]
pub enum Owner {
    /// The provider.
    Provider = 0,
    /// The account's partner.
    Reseller = 1,
    /// Who sells what the case is about.
    Isv = 2,
}

impl Owner {
    /// The number on the wire.
    pub fn number(self) -> i64 {
        self as i64
    }
}

/// What the guards depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The customer is linked to a partner.
    pub is_linked: bool,
    /// That partner is on the allow list.
    pub is_allowed: bool,
    /// The partner that was named is one.
    pub exists: bool,
    /// It is the customer's, and the handler is one of its people.
    pub is_own_handler: bool,
    /// The customer has bought a support plan.
    pub has_plan: bool,
    /// The partner takes cases of this category.
    pub takes_it: bool,
}

/// A guard that can stop a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Guard {
    /// `OSM.01010055`.
    NoPartner,
    /// `OSM.01010056`.
    NotAllowed,
    /// `OSM.01010057`.
    NoSuchPartner,
    /// `OSM.01010058`.
    ForeignHandler,
    /// `OSM.01010059`.
    HasPlan,
    /// `OSM.01010061`.
    CannotProcess,
}

/// When a guard lets somebody pass.
type Passes = fn(&Facts) -> bool;

/// The guards in the order in which they are asked.
pub const GUARDS: [(Guard, Passes); 6] = [
    (Guard::NoPartner, |facts| facts.is_linked),
    (Guard::NotAllowed, |facts| facts.is_allowed),
    (Guard::NoSuchPartner, |facts| facts.exists),
    (Guard::ForeignHandler, |facts| facts.is_own_handler),
    (Guard::HasPlan, |facts| !facts.has_plan),
    (Guard::CannotProcess, |facts| facts.takes_it),
];

/// The first guard that stops.
pub fn check(facts: &Facts) -> Result<(), Guard> {
    GUARDS.iter().find(|(_, passes)| !passes(facts)).map_or(Ok(()), |(guard, _)| Err(*guard))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Facts = Facts {
        is_linked: true,
        is_allowed: true,
        exists: true,
        is_own_handler: true,
        has_plan: false,
        takes_it: true,
    };

    #[test]
    fn each_guard_stops_for_its_own_reason() {
        assert_eq!(check(&GOOD), Ok(()));
        for (facts, guard) in [
            (Facts { is_linked: false, ..GOOD }, Guard::NoPartner),
            (Facts { is_allowed: false, ..GOOD }, Guard::NotAllowed),
            (Facts { exists: false, ..GOOD }, Guard::NoSuchPartner),
            (Facts { is_own_handler: false, ..GOOD }, Guard::ForeignHandler),
            (Facts { has_plan: true, ..GOOD }, Guard::HasPlan),
            (Facts { takes_it: false, ..GOOD }, Guard::CannotProcess),
        ] {
            assert_eq!(check(&facts), Err(guard));
        }
    }

    #[test]
    fn the_first_of_several_reasons_is_told() {
        let bits = |n: u8| Facts {
            is_linked: n & 1 == 0,
            is_allowed: n & 2 == 0,
            exists: n & 4 == 0,
            is_own_handler: n & 8 == 0,
            has_plan: n & 16 != 0,
            takes_it: n & 32 == 0,
        };
        let order = [
            Guard::NoPartner,
            Guard::NotAllowed,
            Guard::NoSuchPartner,
            Guard::ForeignHandler,
            Guard::HasPlan,
            Guard::CannotProcess,
        ];
        for n in 0..64 {
            let expected = (0..6).find(|bit| n & (1 << bit) != 0).map_or(Ok(()), |bit| Err(order[bit]));
            assert_eq!(check(&bits(n)), expected, "{n}");
        }
    }
}
