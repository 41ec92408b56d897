//! The time zones that HighLevel offers for a location. The list contains old and new names side by side and fewer
//! zones than HighLevel's own screens show (HighLevel API §4.2).

/// Every time zone that a location may be given.
#[rustfmt::skip]
pub const TIMEZONES: &[&str] = &[
    "Pacific/Midway", "Pacific/Honolulu", "US/Hawaii", "America/Juneau", "US/Alaska", "America/Anchorage", "America/Dawson",
    "America/Los_Angeles", "US/Pacific", "America/Tijuana", "America/Vancouver", "America/Boise", "America/Chihuahua", "America/Denver",
    "US/Mountain", "America/Edmonton", "America/Phoenix", "US/Arizona", "America/Belize", "America/Chicago", "US/Central",
    "America/Costa_Rica", "America/El_Salvador", "America/Guatemala", "America/Managua", "America/Mexico_City", "America/Monterrey",
    "America/Regina", "America/Winnipeg", "America/Bogota", "America/Cancun", "America/Detroit", "America/Indiana/Indianapolis",
    "America/Jamaica", "America/Lima", "America/New_York", "US/Eastern", "America/Panama", "America/Toronto", "America/Caracas",
    "America/Halifax", "America/La_Paz", "America/Puerto_Rico", "America/Santiago", "America/Santo_Domingo", "America/St_Johns",
    "America/Argentina/Buenos_Aires", "America/Bahia", "America/Montevideo", "America/Sao_Paulo", "Atlantic/South_Georgia",
    "Atlantic/Azores", "Atlantic/Cape_Verde", "Africa/Casablanca", "Europe/Dublin", "Europe/Lisbon", "Europe/London", "UTC",
    "Africa/Algiers", "Africa/Lagos", "Europe/Amsterdam", "Europe/Belgrade", "Europe/Berlin", "Europe/Brussels", "Europe/Budapest",
    "Europe/Copenhagen", "Europe/Luxembourg", "Europe/Madrid", "Europe/Malta", "Europe/Oslo", "Europe/Paris", "Europe/Prague",
    "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw", "Europe/Zurich", "Africa/Cairo", "Africa/Harare",
    "Africa/Johannesburg", "Asia/Amman", "Asia/Beirut", "Asia/Jerusalem", "Europe/Athens", "Europe/Bucharest", "Europe/Helsinki",
    "Europe/Kiev", "Europe/Riga", "Europe/Sofia", "Europe/Tallinn", "Europe/Vilnius", "Africa/Nairobi", "Asia/Baghdad", "Asia/Kuwait",
    "Asia/Qatar", "Asia/Riyadh", "Europe/Istanbul", "Europe/Moscow", "Asia/Tehran", "Asia/Baku", "Asia/Dubai", "Asia/Kabul",
    "Asia/Karachi", "Asia/Tashkent", "Asia/Calcutta", "Asia/Kolkata", "Asia/Colombo", "Asia/Kathmandu", "Asia/Almaty", "Asia/Dhaka",
    "Asia/Rangoon", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Hong_Kong", "Asia/Kuala_Lumpur", "Asia/Manila",
    "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei", "Australia/Perth", "Asia/Seoul", "Asia/Tokyo", "Australia/Adelaide",
    "Australia/Darwin", "Australia/Brisbane", "Australia/Hobart", "Australia/Melbourne", "Australia/Sydney", "Pacific/Guam",
    "Pacific/Port_Moresby", "Asia/Magadan", "Pacific/Auckland", "Pacific/Fiji", "Pacific/Tongatapu", "Pacific/Apia",
];
