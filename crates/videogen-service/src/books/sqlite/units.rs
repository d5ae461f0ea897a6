//! What fal has lately counted.

use rusqlite::Transaction;
use videogen_domain::{Decimal, LearnedUnits};

use super::Trouble;

pub(super) fn learned(books: &Transaction<'_>, endpoint_ids: &[String]) -> Result<LearnedUnits, Trouble> {
    let sql = "SELECT class, billable_units FROM ( \
                   SELECT class, billable_units, ended_at, \
                          row_number() OVER (PARTITION BY class ORDER BY ended_at DESC) AS age \
                   FROM bookings WHERE endpoint_id = ?1 AND class IS NOT NULL AND billable_units IS NOT NULL) \
               WHERE age <= ?2";
    let mut statement = books.prepare(sql)?;
    let mut learned = LearnedUnits::default();
    for endpoint_id in endpoint_ids {
        let rows = statement.query_map((endpoint_id, LearnedUnits::KEPT as i64), |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        for row in rows {
            let (class, units) = row?;
            let units = Decimal::from_str_exact(&units).map_err(|error| Trouble::Unreadable(error.into()))?;
            learned.add(endpoint_id, &class, units);
        }
    }
    Ok(learned)
}
