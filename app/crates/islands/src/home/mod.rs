//! The figures on an agency's home: tiles, and a chart of the last weeks with the same numbers as a table.

mod chart;
mod figures;

#[cfg(test)]
mod tests;

pub use chart::WeekChart;
pub use figures::{FIGURES_TOPICS, Figures, FiguresState, LiveFigures, LiveFiguresFrom};
