"""A page as a document of Word: `document.word_document` renders what `report.page` holds.

`markup` writes runs, paragraphs and fields, `captions` what is numbered and referred to,
`widths` decides how wide columns are, `tables` and `blocks` draw, `package` is the file itself.
Everything is text until `package` hands it to python-docx, which keeps parts and relationships.
"""
