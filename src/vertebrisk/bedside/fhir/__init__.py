"""Models and risks as FHIR R4 (4.0.1) resources, and patients from them; nothing is sent here.

References
----------
HL7 FHIR Release 4, version 4.0.1, https://hl7.org/fhir/R4/
"""
