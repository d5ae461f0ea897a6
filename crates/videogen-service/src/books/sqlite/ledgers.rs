//! The ledgers: their names, and how they are read and written.

use rusqlite::{OptionalExtension, Transaction};
use videogen_domain::{Ledger, Ledgers, ProjectId, UnixMillis, Usd};

use super::Trouble;

const OVERALL: &str = "overall";
const MILLIS_OF_A_DAY: i64 = 24 * 60 * 60 * 1000;

/// The day of a moment, by UTC, counted from 1970-01-01.
pub(super) fn day_of(at: UnixMillis) -> i64 {
    at.0.div_euclid(MILLIS_OF_A_DAY)
}

/// The ledgers that a video of this project is booked in at this moment.
pub(super) fn all(books: &Transaction<'_>, project: Option<&ProjectId>, at: UnixMillis) -> Result<Ledgers, Trouble> {
    Ok(Ledgers {
        project: project.map(|project| one(books, &of_project(project))).transpose()?,
        day: one(books, &of_day(day_of(at)))?,
        overall: one(books, OVERALL)?,
    })
}

/// Changes each ledger that a booking of this project and day is in.
pub(super) fn change(
    books: &Transaction<'_>,
    project: Option<&ProjectId>,
    day: i64,
    change: impl Fn(&mut Ledger),
) -> Result<(), Trouble> {
    let names = project.map(of_project).into_iter().chain([of_day(day), OVERALL.to_owned()]);
    for name in names {
        let mut ledger = one(books, &name)?;
        change(&mut ledger);
        let (spent, reserved) = (ledger.spent().dollars().to_string(), ledger.reserved().dollars().to_string());
        books.execute("INSERT OR REPLACE INTO ledgers VALUES (?1, ?2, ?3)", (name, spent, reserved))?;
    }
    Ok(())
}

fn of_day(day: i64) -> String {
    format!("day:{day}")
}

fn of_project(project: &ProjectId) -> String {
    format!("project:{project}")
}

fn one(books: &Transaction<'_>, name: &str) -> Result<Ledger, Trouble> {
    let sql = "SELECT spent, reserved FROM ledgers WHERE name = ?1";
    let found = books.prepare(sql)?.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found {
        Some((spent, reserved)) => Ok(Ledger::new(usd(spent)?, usd(reserved)?)),
        None => Ok(Ledger::default()),
    }
}

/// Reads an amount as it was written.
pub(super) fn usd(text: String) -> Result<Usd, Trouble> {
    text.parse().map_err(|error: videogen_domain::ParseUsdError| Trouble::Unreadable(error.into()))
}
