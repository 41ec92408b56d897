//! How does an agency look to its clients? Its accent colour, in shades that can be read on light and on dark pages,
//! its logo, and where answers to its mails go.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::AgencyId;

/// An opaque colour of the sRGB space. It is written as `#rrggbb`, so it is safe in a style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color([u8; 3]);

/// The text on an accent in the light theme.
const WHITE: Color = Color([255, 255, 255]);
/// The text on an accent in the dark theme.
const NEAR_BLACK: Color = Color([16, 17, 20]);
/// The lightest background of the dark theme that an accent stands on.
const DARK_SURFACE: Color = Color([32, 34, 40]);
/// The contrast of an accent with its background. WCAG asks for 4.5; the rest covers backgrounds that are a little
/// grey.
const CONTRAST: f64 = 4.8;

impl Color {
    /// Reads `#rrggbb` or `rrggbb`, in upper or lower case.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let digits = typed.strip_prefix('#').unwrap_or(typed);
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// The colour's shades for both themes. A colour that can be read as it is stays as it is.
    #[must_use]
    pub fn shades(self) -> Shades {
        Shades {
            light: Shade { fill: self.until(WHITE, -0.01), text: WHITE },
            dark: Shade { fill: self.until(DARK_SURFACE, 0.01), text: NEAR_BLACK },
        }
    }

    /// The contrast of two colours after WCAG, from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    /// The nearest colour of the same hue that has enough contrast with a background, in steps of lightness.
    fn until(self, background: Self, step: f64) -> Self {
        let [lightness, a, b] = oklab(self.linear());
        let shades = (0..=100_u8).map(|n| match n {
            0 => self,
            n => in_gamut([f64::from(n).mul_add(step, lightness).clamp(0.0, 1.0), a, b]),
        });
        let mut found = self;
        for shade in shades {
            found = shade;
            if shade.contrast(background) >= CONTRAST {
                break;
            }
        }
        found
    }

    /// Red, green and blue as amounts of light, from 0 to 1.
    fn linear(self) -> [f64; 3] {
        self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// The colour with these amounts of light.
    fn of_linear(linear: [f64; 3]) -> Self {
        let part = |light: f64| {
            let part =
                if light <= 0.003_130_8 { light * 12.92 } else { 1.055_f64.mul_add(light.powf(1.0 / 2.4), -0.055) };
            (0..=255_u8).find(|byte| f64::from(*byte) + 0.5 >= part * 255.0).unwrap_or(255)
        };
        Self(linear.map(part))
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.linear();
        dot([0.2126, 0.7152, 0.0722], [red, green, blue])
    }
}

fn dot(one: [f64; 3], other: [f64; 3]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Light as lightness and two axes of colour (`OKLab`), in which the same step of lightness looks the same for each
/// hue.
fn oklab(linear: [f64; 3]) -> [f64; 3] {
    let cones = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ]
    .map(|row| dot(row, linear).cbrt());
    [
        [0.210_454_255_3, 0.793_617_785, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766],
    ]
    .map(|row| dot(row, cones))
}

fn linear_of(lab: [f64; 3]) -> [f64; 3] {
    let cones = [
        [1.0, 0.396_337_777_4, 0.215_803_757_3],
        [1.0, -0.105_561_345_8, -0.063_854_172_8],
        [1.0, -0.089_484_177_5, -1.291_485_548],
    ]
    .map(|row| dot(row, lab).powi(3));
    [
        [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
        [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
        [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701],
    ]
    .map(|row| dot(row, cones))
}

/// The colour of this lightness and hue, as strong as a screen can show it.
fn in_gamut([lightness, a, b]: [f64; 3]) -> Color {
    let weaker = (0..=20_u8).map(|n| 1.0 - f64::from(n) / 20.0);
    let mut linear = [lightness; 3];
    for strength in weaker {
        linear = linear_of([lightness, a * strength, b * strength]);
        if linear.iter().all(|part| (-0.001..=1.001).contains(part)) {
            break;
        }
    }
    Color::of_linear(linear.map(|part| part.clamp(0.0, 1.0)))
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Color {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Color {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a colour"))
    }
}

/// An accent and the text on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shade {
    /// The accent: the background of the main button, and the colour of links.
    pub fill: Color,
    /// Text on the accent.
    pub text: Color,
}

/// An accent for both themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// On light pages and in mails.
    pub light: Shade,
    /// On dark pages.
    pub dark: Shade,
}

impl Default for Shades {
    /// The product's own accent.
    fn default() -> Self {
        let light = Shade { fill: Color([76, 82, 208]), text: WHITE };
        Self { light, dark: Shade { fill: Color([134, 150, 245]), text: NEAR_BLACK } }
    }
}

/// What an agency chose, as its settings store it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BrandChoice {
    /// Its accent colour; `None` for the product's own.
    pub accent: Option<Color>,
    /// The address to which people answer its mails.
    pub reply_to: Option<String>,
    /// A short mark that changes with its logo; `None` without a logo.
    pub logo: Option<String>,
}

/// An agency as its clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The agency.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// What it chose.
    pub choice: BrandChoice,
}

impl Brand {
    /// The accent in its shades.
    #[must_use]
    pub fn shades(&self) -> Shades {
        self.choice.accent.map(Color::shades).unwrap_or_default()
    }

    /// Path and query at which its logo is served; `None` without a logo.
    #[must_use]
    pub fn logo_path(&self) -> Option<String> {
        self.choice.logo.as_ref().map(|mark| format!("/brand/{}?v={mark}", self.agency))
    }
}

/// Largest logo that may be uploaded, in bytes.
pub const LARGEST_LOGO: usize = 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_written_as_browsers_do() {
        assert_eq!(Color::parse(" #1D4ed8 ").map(|color| color.to_string()).as_deref(), Some("#1d4ed8"));
        for bad in ["", "#fff", "red", "#12345g", "#1234567", "url(x)", "#12 456", "##12345", "#é12345"] {
            assert_eq!(Color::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_accent_can_be_read_in_both_themes() {
        let steps = || (0..=255_u8).step_by(17);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let color = Color([red, green, blue]);
                    let Shades { light, dark } = color.shades();
                    for (one, other) in [
                        (light.fill, WHITE),
                        (light.fill, light.text),
                        (dark.fill, DARK_SURFACE),
                        (dark.fill, dark.text),
                    ] {
                        assert!(one.contrast(other) >= 4.5, "{color}: {one} on {other}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_and_a_pale_one_keeps_its_hue() {
        let navy = Color::parse("#1d4ed8").unwrap();
        assert_eq!(navy.shades().light.fill, navy);
        let Color([red, green, blue]) = Color::parse("#fff3a0").unwrap().shades().light.fill;
        assert!(red > blue && green > blue, "still yellow: {red} {green} {blue}");
    }

    #[test]
    fn the_products_own_accent_can_be_read_too() {
        let Shades { light, dark } = Shades::default();
        assert!(light.fill.contrast(light.text) >= 4.5 && dark.fill.contrast(dark.text) >= 4.5);
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((WHITE.contrast(Color([0, 0, 0])) - 21.0).abs() < 0.01);
        assert!((WHITE.contrast(Color([118, 118, 118])) - 4.54).abs() < 0.01);
    }
}
