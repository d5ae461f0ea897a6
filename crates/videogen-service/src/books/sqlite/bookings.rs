//! Bookings: reserved, then spent or released, each once.

use rusqlite::{OptionalExtension, Transaction};
use videogen_domain::{Budget, Decision, ProjectId, UnixMillis, Usd};

use super::ledgers::{self, day_of, usd};
use super::{Bill, Booking, Trouble};

/// A booking as it is kept.
struct Kept {
    booking_id: String,
    project_id: Option<ProjectId>,
    day: i64,
    state: State,
    reserved: Usd,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reserved,
    Spent,
    Released,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Spent => "spent",
            Self::Released => "released",
        }
    }
}

pub(super) fn reserve(books: &Transaction<'_>, booking: &Booking, budget: &Budget) -> Result<Decision, Trouble> {
    let before = by_id(books, &booking.booking_id)?;
    if before.as_ref().is_some_and(|kept| kept.state == State::Spent) {
        // It was paid for and settled; whatever is left to do for it costs nothing.
        return Ok(Decision::Allowed { reserve: Usd::ZERO });
    }
    if let Some(kept) = &before {
        give_back(books, kept)?;
    }
    let ledgers = ledgers::all(books, booking.project_id.as_ref(), booking.at)?;
    let decision = budget.decide(&ledgers, booking.estimate);
    match decision {
        Decision::Allowed { reserve } => {
            let day = day_of(booking.at);
            ledgers::change(books, booking.project_id.as_ref(), day, |ledger| ledger.reserve(reserve))?;
            begin(books, booking, day, reserve)?;
        }
        Decision::Refused(_) => end(books, &booking.booking_id, State::Released, booking.at)?,
    }
    Ok(decision)
}

pub(super) fn accepted(books: &Transaction<'_>, booking_id: &str, request_id: &str) -> Result<(), Trouble> {
    // A request of that id under another name was adopted in the meantime, and is the one that is settled.
    let sql = "UPDATE OR IGNORE bookings SET request_id = ?2 WHERE booking_id = ?1";
    books.execute(sql, (booking_id, request_id))?;
    Ok(())
}

pub(super) fn release(books: &Transaction<'_>, booking_id: &str, at: UnixMillis) -> Result<(), Trouble> {
    let Some(kept) = by_id(books, booking_id)?.filter(|kept| kept.state == State::Reserved) else { return Ok(()) };
    give_back(books, &kept)?;
    end(books, booking_id, State::Released, at)
}

pub(super) fn settle(books: &Transaction<'_>, bill: &Bill) -> Result<(), Trouble> {
    let kept = match by_request(books, &bill.request_id)? {
        Some(kept) => kept,
        None => match bill.booking_id.as_deref().map(|id| by_id(books, id)).transpose()?.flatten() {
            Some(kept) => kept,
            None => unbooked(books, bill)?,
        },
    };
    if kept.state == State::Spent {
        return Ok(());
    }
    // What was released has nothing set aside any more.
    let reservation = if kept.state == State::Reserved { kept.reserved } else { Usd::ZERO };
    ledgers::change(books, kept.project_id.as_ref(), kept.day, |ledger| ledger.settle(reservation, bill.billed))?;
    let sql = "UPDATE bookings SET state = 'spent', request_id = ?2, model_id = ?3, endpoint_id = ?4, class = ?5, \
               billable_units = ?6, billed = ?7, ended_at = ?8 WHERE booking_id = ?1";
    let units = bill.billable_units.map(|units| units.to_string());
    let billed = bill.billed.map(|billed| billed.dollars().to_string());
    let what = (&bill.request_id, &bill.model_id, &bill.endpoint_id, &bill.class, units, billed, bill.at.0);
    books.execute(sql, (&kept.booking_id, what.0, what.1, what.2, what.3, what.4, what.5, what.6))?;
    Ok(())
}

/// A booking for a bill of which nothing was known, with nothing set aside.
fn unbooked(books: &Transaction<'_>, bill: &Bill) -> Result<Kept, Trouble> {
    let booking = Booking {
        booking_id: bill.booking_id.clone().unwrap_or_else(|| format!("request:{}", bill.request_id)),
        project_id: bill.project_id.clone(),
        model_id: bill.model_id.clone(),
        endpoint_id: bill.endpoint_id.clone(),
        estimate: videogen_domain::CostEstimate::Unknown,
        at: bill.at,
    };
    let day = day_of(bill.at);
    begin(books, &booking, day, Usd::ZERO)?;
    let Booking { booking_id, project_id, .. } = booking;
    Ok(Kept { booking_id, project_id, day, state: State::Reserved, reserved: Usd::ZERO })
}

fn begin(books: &Transaction<'_>, booking: &Booking, day: i64, reserve: Usd) -> Result<(), Trouble> {
    let sql = "INSERT INTO bookings(booking_id, project_id, day, model_id, endpoint_id, state, reserved, began_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, 'reserved', ?6, ?7) \
               ON CONFLICT(booking_id) DO UPDATE SET project_id = ?2, day = ?3, model_id = ?4, endpoint_id = ?5, \
               state = 'reserved', reserved = ?6, request_id = NULL, ended_at = NULL";
    let project = booking.project_id.as_ref().map(ProjectId::as_str);
    let reserved = reserve.dollars().to_string();
    let (id, model, endpoint) = (&booking.booking_id, &booking.model_id, &booking.endpoint_id);
    books.execute(sql, (id, project, day, model, endpoint, reserved, booking.at.0))?;
    Ok(())
}

fn end(books: &Transaction<'_>, booking_id: &str, state: State, at: UnixMillis) -> Result<(), Trouble> {
    let sql = "UPDATE bookings SET state = ?2, ended_at = ?3 WHERE booking_id = ?1";
    books.execute(sql, (booking_id, state.name(), at.0))?;
    Ok(())
}

fn give_back(books: &Transaction<'_>, kept: &Kept) -> Result<(), Trouble> {
    if kept.state != State::Reserved {
        return Ok(());
    }
    ledgers::change(books, kept.project_id.as_ref(), kept.day, |ledger| ledger.release(kept.reserved))
}

fn by_id(books: &Transaction<'_>, booking_id: &str) -> Result<Option<Kept>, Trouble> {
    one(books, "booking_id = ?1", booking_id)
}

fn by_request(books: &Transaction<'_>, request_id: &str) -> Result<Option<Kept>, Trouble> {
    one(books, "request_id = ?1", request_id)
}

fn one(books: &Transaction<'_>, condition: &str, value: &str) -> Result<Option<Kept>, Trouble> {
    let sql = format!("SELECT booking_id, project_id, day, state, reserved FROM bookings WHERE {condition}");
    let row = books
        .prepare(&sql)?
        .query_row([value], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?, row.get(4)?)));
    let Some((booking_id, project_id, day, state, reserved)) = row.optional()? else { return Ok(None) };
    let project_id: Option<String> = project_id;
    let state = match state.as_str() {
        "reserved" => State::Reserved,
        "spent" => State::Spent,
        _ => State::Released,
    };
    Ok(Some(Kept { booking_id, project_id: project_id.map(ProjectId::from), day, state, reserved: usd(reserved)? }))
}
