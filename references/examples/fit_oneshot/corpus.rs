//! The statistics of commercial recordings, as signs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{BandSigns, Signs};

/// One recording.
pub(crate) struct Record {
    /// `pop`, `jazz`, `classical` or `other` (not labelled).
    pub(crate) genre: String,
    pub(crate) signs: Signs,
}

/// Reads the table; columns are found by name. Recordings with a band at the floor are left out.
pub(crate) fn read(path: &Path) -> Result<Vec<Record>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header = lines.next().ok_or("the table is empty")?;
    let columns: BTreeMap<&str, usize> =
        header.split(',').enumerate().map(|(index, name)| (name, index)).collect();
    let record = |line: &str| -> Result<Option<Record>, Box<dyn Error>> {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name: &str| -> Result<&str, Box<dyn Error>> {
            let column = columns.get(name).ok_or_else(|| format!("no column {name}"))?;
            Ok(cells.get(*column).ok_or("a row is too short")?)
        };
        let mut bands = [BandSigns::default(); WIDE_BANDS];
        for (index, band) in bands.iter_mut().enumerate() {
            let number = |what: &str| -> Result<f64, Box<dyn Error>> {
                Ok(cell(&format!("band{}_{what}", index + 1))?.parse()?)
            };
            *band = BandSigns {
                mid_db: number("mid_db")?,
                spread_db: number("mid_std_400ms_db")?,
                quick_db: number("mid_std_40ms_db")?,
                side_db: number("side_db")?,
                side_spread_db: number("side_std_400ms_db")?,
            };
        }
        let genre = cell("genre")?.to_owned();
        Ok(Signs::from_bands(&bands).map(|signs| Record { genre, signs }))
    };
    lines.map(record).filter_map(Result::transpose).collect()
}
