"""The labels of a résumé's spans: one place for the generator, the tagger and the parser."""

from __future__ import annotations

NAME = "Name"
HEADLINE = "Headline"
EMAIL = "Email"
PHONE = "Phone"
URL = "Url"
STREET = "Street"
CITY = "City"
REGION = "Region"
POSTCODE = "Postcode"
COUNTRY = "Country"
SUMMARY = "Summary"
EMPLOYER = "Employer"
POSITION = "Position"
START_DATE = "StartDate"
END_DATE = "EndDate"
SCHOOL = "School"
DEGREE = "Degree"
AREA = "Area"
SKILL = "Skill"
LANGUAGE = "Language"
FLUENCY = "Fluency"
CERTIFICATE = "Certificate"
AWARD = "Award"
PUBLICATION = "Publication"
PROJECT = "Project"
REFERENCE = "Reference"

CONTACT = (NAME, HEADLINE, EMAIL, PHONE, URL, STREET, CITY, REGION, POSTCODE, COUNTRY)
"""What belongs to the person, not to an item of a section."""

LABELS = (
    *CONTACT,
    SUMMARY,
    EMPLOYER,
    POSITION,
    START_DATE,
    END_DATE,
    SCHOOL,
    DEGREE,
    AREA,
    SKILL,
    LANGUAGE,
    FLUENCY,
    CERTIFICATE,
    AWARD,
    PUBLICATION,
    PROJECT,
    REFERENCE,
)
"""All of them. The dates of work, studies, certificates, awards and publications share two labels: a single
date is an `EndDate`, and the word for an ongoing job ("Present") is one too, without a value."""
