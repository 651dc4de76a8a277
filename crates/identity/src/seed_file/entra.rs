//! The comma-separated values that Entra ID (Azure MFA) takes for hardware tokens.
//!
//! ```csv
//! upn,serial number,secret key,time interval,manufacturer,model
//! ann@example.com,1234567,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,Contoso,HardwareKey
//! ```
//!
//! All are time-based, of six digits, with seeds in base32. The address may be empty: the token goes into stock.

use csv::ByteRecord;

use super::fields::{Fields, Parameters};
use super::header::Header;
use super::{RowError, SeedRow, decode};
use crate::oath::Kind;

/// Reads one record.
pub(super) fn parse(header: &Header, record: &ByteRecord, line: u64) -> Result<SeedRow, RowError> {
    let fields = Fields { header, record, line };
    fields.well_formed()?;
    let id = fields.id("serial number")?;
    let secret = fields.text("secret key")?.unwrap_or_default();
    let seed = decode::base32_seed(secret, line, "secret key")?;
    let step = fields.small("time interval", 30)?;
    let user = fields.text("upn")?.map(str::to_owned);
    let parameters = Parameters { kind: Kind::Time, digits: 6, step, counter: 0, seed };
    let row = parameters.row(line, id, ["secret key", "", "time interval"])?;
    Ok(SeedRow { user, ..row })
}
