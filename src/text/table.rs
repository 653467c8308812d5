//! Plain tables that fit a terminal of 80 columns.

/// Widest line.
pub const WIDTH: usize = 80;

/// Room that a column needs to be wrapped in; where there is less, it goes below, so far in.
const LAST_WIDTH: usize = 24;
const INDENT: usize = 6;

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Rows of cells under a heading; columns are as wide as their widest cell, the last is cut to fit.
#[derive(Clone, Debug)]
pub struct Table {
    aligns: Vec<Align>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with a heading.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let heading = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self { aligns: columns.iter().map(|&(_, align)| align).collect(), rows: vec![heading] }
    }

    /// Adds a row; it has as many cells as the heading.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        assert_eq!(cells.len(), self.aligns.len(), "cells of a row");
        self.rows.push(cells);
    }

    /// Is there nothing under the heading?
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 1
    }

    /// The lines, two spaces in, two spaces between columns.
    pub fn lines(&self) -> Vec<String> {
        let widths = self.widths();
        self.rows.iter().map(|row| self.line(row, &widths)).collect()
    }

    /// The same with a last column that wraps under its beginning instead of being cut.
    pub fn wrapped_lines(&self) -> Vec<String> {
        let last = self.aligns.len() - 1;
        let widths = self.widths();
        let mut lines = Vec::new();
        let begins: usize = widths[..last].iter().map(|width| 2 + width).sum();
        // Where the others leave too little room, it stands below them.
        let begins = if begins + 2 + LAST_WIDTH > WIDTH { INDENT } else { begins + 2 };
        for row in &self.rows {
            let line = self.whole_line(row, &widths);
            if width(&line) <= WIDTH {
                lines.push(line);
                continue;
            }
            let indent = " ".repeat(begins);
            let text = wrap(&format!("{indent}{}", row[last]), WIDTH, &indent);
            let mut cells = row.clone();
            cells[last].clear();
            let others = self.line(&cells, &widths);
            match begins {
                INDENT => lines.extend([others, text]),
                _ => lines.push(format!("{others:<begins$}{}", text.trim_start())),
            }
        }
        lines
    }

    fn widths(&self) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column])).max();
        (0..self.aligns.len()).map(|column| widest(column).unwrap_or(0)).collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        fit(&self.whole_line(row, widths), WIDTH)
    }

    fn whole_line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (index, cell) in row.iter().enumerate() {
            line.push_str("  ");
            let space = " ".repeat(widths[index].saturating_sub(width(cell)));
            match self.aligns[index] {
                Align::Left => line.extend([cell.as_str(), &space]),
                Align::Right => line.extend([space.as_str(), cell]),
            }
        }
        line.trim_end().to_owned()
    }
}

/// Text cut to `columns`, with an ellipsis where something is missing.
pub fn fit(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    text.chars().take(columns.saturating_sub(1)).chain(['\u{2026}']).collect()
}

/// Text in lines of at most `columns`, broken at spaces, each but the first begun with `indent`; spaces before the first
/// word stay.
pub fn wrap(text: &str, columns: usize, indent: &str) -> String {
    let mut lines = Vec::new();
    let mut line: String = text.chars().take_while(|&c| c == ' ').collect();
    let mut begun = false;
    for word in text.split_whitespace() {
        if begun && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut line, indent.to_owned()));
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line.push_str(word);
        begun = true;
    }
    lines.push(line);
    lines.join("\n")
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_the_last_is_cut() {
        let mut table =
            Table::new(&[("id", Align::Left), ("dB", Align::Right), ("why", Align::Left)]);
        table.row(["eq1".into(), "-1.6".into(), "x".repeat(90)]);
        let lines = table.lines();
        assert_eq!(lines[0], "  id     dB  why");
        assert!(lines[1].starts_with("  eq1  -1.6  xxx") && lines[1].ends_with('\u{2026}'));
        assert_eq!(width(&lines[1]), WIDTH);
    }

    #[test]
    fn a_last_column_that_wraps_loses_no_word() {
        let table = |id: &str| {
            let mut table = Table::new(&[("id", Align::Left), ("why", Align::Left)]);
            table.row([id.into(), "loses 12.3 dB; ".repeat(9)]);
            table.row(["b".into(), "short".into()]);
            table.wrapped_lines().join("\n")
        };
        for (id, begins) in [("eq1".to_owned(), 7), ("x".repeat(60), INDENT)] {
            let text = table(&id);
            let count = |word: &str| text.split_whitespace().filter(|other| *other == word).count();
            assert_eq!(["loses", "12.3", "dB;"].map(count), [9; 3], "{text}");
            assert!(text.lines().all(|line| width(line) <= WIDTH), "{text}");
            let more = text.lines().find(|line| line.starts_with("      "));
            assert!(more.is_some_and(|line| line.find(|c| c != ' ') == Some(begins)), "{text}");
        }
    }

    #[test]
    fn words_wrap_under_their_beginning() {
        assert_eq!(wrap("aa bb cc dd", 5, "  "), "aa bb\n  cc\n  dd");
        assert_eq!(wrap("  aa bb", 6, "   "), "  aa\n   bb");
    }
}
