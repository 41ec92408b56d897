//! Jobs, their steps, tries, effects and log lines.
