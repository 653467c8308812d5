//! The statistics of commercial recordings, as signs.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use acetate_references::bands::WIDE_BANDS;
use acetate_references::oneshot::{BandSigns, Signs};

/// Reads the table; columns are found by name. Recordings with a band at the floor are left out.
pub(crate) fn read(path: &Path) -> Result<Vec<Signs>, Box<dyn Error>> {
    let text = fs::read_to_string(path)?;
    let mut lines = text.lines();
    let header = lines.next().ok_or("the table is empty")?;
    let columns: BTreeMap<&str, usize> =
        header.split(',').enumerate().map(|(index, name)| (name, index)).collect();
    let signs = |line: &str| -> Result<Option<Signs>, Box<dyn Error>> {
        let cells: Vec<&str> = line.split(',').collect();
        let mut bands = [BandSigns::default(); WIDE_BANDS];
        for (index, band) in bands.iter_mut().enumerate() {
            let number = |what: &str| -> Result<f64, Box<dyn Error>> {
                let name = format!("band{}_{what}", index + 1);
                let column = columns.get(&*name).ok_or_else(|| format!("no column {name}"))?;
                Ok(cells.get(*column).ok_or("a row is too short")?.parse()?)
            };
            *band = BandSigns {
                mid_db: number("mid_db")?,
                spread_db: number("mid_std_400ms_db")?,
                quick_db: number("mid_std_40ms_db")?,
                side_db: number("side_db")?,
                side_spread_db: number("side_std_400ms_db")?,
            };
        }
        Ok(Signs::from_bands(&bands))
    };
    lines.map(signs).filter_map(Result::transpose).collect()
}
