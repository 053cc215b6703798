"""What is said of a file as it is read, in Chinese."""

from __future__ import annotations

CHINESE: dict[str, str] = {
    "{n} empty cell": "{n}个空单元格",
    "{n} empty row": "{n}个空行",
    "{n} column": "{n}列",
    "{n} other sheet": "另外{n}个工作表",
    # cells
    "they begin with zeros": "以零开头",
    "some have 16 digits or more, which numbers cannot hold exactly": (
        "部分达16位或以上，数值无法精确表示"
    ),
    "Every value of '{name}' is missing.": "“{name}”的值全部缺失。",
    "'{column}' has {n} with a decimal point although the file uses decimal commas; the point "
    "was read as decimal.": (
        "“{column}”有{n}使用小数点，而文件以逗号作小数点；其中的点按小数点读取。"
    ),
    "If the points part thousands, remove them.": "如果这些点是千位分隔符，请删除。",
    "'{column}' has {n} with an infinite number or one beyond {absurd:g}, now missing.": (
        "“{column}”有{n}为无穷大或绝对值超过{absurd:g}，已作缺失。"
    ),
    "Correct the cells; a division by zero is the usual cause.": (
        "请更正这些单元格；通常由除以零所致。"
    ),
    "The numeric column '{column}' has {n} not readable as a number, now missing.": (
        "数值列“{column}”有{n}无法读作数值，已作缺失。"
    ),
    "Enter a number in each, or leave it empty. For a value below a detection limit, decide on a "
    "rule and state it in the paper.": (
        "请填入数值或留空。对低于检测限的值，请确定处理规则并在论文中说明。"
    ),
    "Texts such as '<5', '3,5' or '12 ml' carry information that a guess would distort.": (
        "“<5”“3,5”“12 ml”等文本含有信息，凭猜测转换会造成失真。"
    ),
    "'{column}' has {n} written with full-width digits, read as the numbers they show.": (
        "“{column}”有{n}使用全角数字，已按其数值读取。"
    ),
    "The digits of '{name}' were kept as text: {reason}.": ("“{name}”的数字按文本保留：{reason}。"),
    "'{name}' was kept as text: {numbers} of its {n} values are numbers, {quantities} are "
    "numbers with a sign or unit.": (
        "“{name}”按文本保留：{n}个值中{numbers}个为数值，{quantities}个为带符号或单位的数值。"
    ),
    "If it is a measurement, leave only numbers in its cells (no units, no signs).": (
        "如果是测量值，单元格中请只保留数值（不带单位和符号）。"
    ),
    # dates
    "The date column '{column}' has {n} not readable as a date, now missing.": (
        "日期列“{column}”有{n}无法读作日期，已作缺失。"
    ),
    "Write dates as year-month-day, such as 2024-03-05.": "请按年-月-日书写日期，如2024-03-05。",
    "'{column}' holds dates in several forms, {n} as Excel's serial numbers; all were read as "
    "dates.": "“{column}”的日期有多种写法，其中{n}为Excel序列号；均已读作日期。",
    "Check a few of them against the records.": "请抽查几个，与病历核对。",
    "'{name}' holds dates of which day and month cannot be told apart; it was kept as text.": (
        "“{name}”中的日期无法区分日与月；按文本保留。"
    ),
    # delimited files
    "comma": "逗号",
    "semicolon": "分号",
    "tab": "制表符",
    "vertical bar": "竖线",
    "sign": "其他符号",
    "The table has {n} with fewer cells than columns; the cells absent at the end are missing.": (
        "表中有{n}的单元格少于列数；末尾缺少的单元格作缺失。"
    ),
    "Check that the cells of these rows stand under the right names.": (
        "请核对这些行的单元格是否与列名对应。"
    ),
    "The table has {n} within it, kept with every value missing.": (
        "表中有{n}，予以保留，各值均作缺失。"
    ),
    "Delete them from the file.": "请从文件中删除。",
    "Left out: {empty_rows} below the table.": "未采用：表格下方的{empty_rows}。",
    "Left out: {columns} without a name and without contents.": (
        "未采用：既无列名也无内容的{columns}。"
    ),
    "Cells are separated by a {sign}.": "单元格以{sign}分隔。",
    "Numbers are written with a decimal comma and were read so.": (
        "数值以逗号作小数点，已按此读取。"
    ),
    "Check a few values in the comparison table.": "请在比较表中抽查几个值。",
    "The text was read as {encoding}.": "文本按{encoding}编码读取。",
    "Check that names and labels read well; if not, save the file as CSV UTF-8.": (
        "请检查列名与标签是否正常；否则请将文件另存为CSV UTF-8。"
    ),
    "A text file does not say which encoding it uses; a wrong guess garbles letters beyond "
    "ASCII.": "文本文件不注明所用编码；猜错会使ASCII以外的字符成为乱码。",
    # Excel
    "The sheet '{name}' was read, but not {other_sheets}: {others}.": (
        "读取了工作表“{name}”，未读取{other_sheets}：{others}。"
    ),
    "If the patients are on another sheet, move it to the front.": (
        "如果患者在其他工作表，请将其移到最前。"
    ),
    "Merged cells leave {cells} of '{name}' empty: only the first cell of a merged range keeps "
    "its value.": "合并单元格使“{name}”的{cells}为空：合并区域只有第一个单元格保留值。",
    "Unmerge the cells in Excel and fill in the value in each row.": (
        "请在Excel中取消合并，并在每一行填入该值。"
    ),
    "A patient whose number stands in a merged cell above has none here.": (
        "编号位于上方合并单元格的患者在本行没有编号。"
    ),
    "'{column}' has {cells} with a formula whose result was never stored, now missing.": (
        "“{column}”有{cells}为从未存储结果的公式，已作缺失。"
    ),
    "Open the workbook in Excel, let it calculate, and save it.": (
        "请用Excel打开该工作簿，计算后保存。"
    ),
    "A program wrote the formula without calculating it.": "某程序写入了公式而未计算。",
    "The workbook has {cells} with an error value, now missing.": (
        "工作簿有{cells}为错误值，已作缺失。"
    ),
    "Correct the formulas, or enter the values.": "请更正公式，或直接填入数值。",
    "In the old .xls format, error values, merged cells and formulas without a result cannot be "
    "told from empty cells.": (
        "在旧的.xls格式中，错误值、合并单元格与无结果的公式无法与空单元格区分。"
    ),
    "Save the workbook as .xlsx to have them listed.": "请另存为.xlsx，以便列出这些单元格。",
    "'{column}' has {n} with an Excel error, now missing.": (
        "“{column}”有{n}为Excel错误值，已作缺失。"
    ),
    # headers, labelled files, types
    "Most names in the first row are numbers: is it a patient?": (
        "首行的名称多为数字：这是否为一位患者？"
    ),
    "Put a row of names above the data.": "请在数据上方加一行列名。",
    "White space was removed from the names of columns: {changed}.": (
        "已去除列名中的空白：{changed}。"
    ),
    "Texts were read as GB18030, since the file's own encoding fails.": (
        "文件自身的编码无法读取，文本按GB18030读取。"
    ),
    "Dates lie beyond the calendar and stay numbers.": "日期超出日历范围，按数值保留。",
    "Several codes of '{name}' carry one label; they were told apart by their codes.": (
        "“{name}”的多个编码使用同一标签；已按编码区分。"
    ),
    "Correct the value labels, or merge the codes in the file.": (
        "请更正值标签，或在文件中合并编码。"
    ),
    "'{name}' has labels for some of its codes, but {n} observed codes have none; it was kept as "
    "numbers.": "“{name}”仅部分编码有标签，{n}个出现的编码没有标签；按数值保留。",
    "Label every code if it is a category; leave it if it is a scale.": (
        "如为分类变量，请为每个编码添加标签；如为量表数值则无需处理。"
    ),
    "'{name}' holds values of type {dtype}, not one number or text a row; it was left out.": (
        "“{name}”的值为{dtype}类型，并非每行一个数值或文本；未采用。"
    ),
    "Spread it over columns of plain values if the study needs it.": (
        "如研究需要，请拆分为取普通值的多列。"
    ),
    "The file is {name} of the {fitting} kind although its name says otherwise; it was read as "
    "what it is.": "该文件实为{fitting}类（{name}），与其文件名不符；已按实际类型读取。",
    "an Excel workbook": "Excel工作簿",
    "an old Excel workbook": "旧版Excel工作簿",
    "an OpenDocument spreadsheet": "OpenDocument电子表格",
    "Rename it to end in {fitting}.": "请将文件扩展名改为{fitting}。",
    # missing values
    "'{column}' has {n} with a mark for missing, such as NA or '-', read as missing, besides "
    "{besides}.": "“{column}”除{besides}外，还有{n}为NA或“-”等缺失标记，按缺失读取。",
    "'{column}' has {n} with a code that is declared missing; the codebook keeps the reason.": (
        "“{column}”有{n}为已声明的缺失编码；变量说明保留其缺失原因。"
    ),
    "'{column}' has {n} with none of its levels ({levels}), now missing.": (
        "“{column}”有{n}不属于其分类水平（{levels}），已作缺失。"
    ),
    "Correct the cells, or add the level to the protocol.{meant}": (
        "请更正这些单元格，或在方案中加入该水平。{meant}"
    ),
    " Did you mean {names}?": "是否指{names}？",
    "'{column}' has {n} with {codes}, far from its other values: a code for missing? Kept as "
    "numbers.": "“{column}”有{n}为{codes}，与其他值相差甚远：是否为缺失编码？暂按数值保留。",
    "If it means missing, declare it in the protocol (missing = [{codes}]); if it was measured, "
    "leave it.": "如表示缺失，请在方案中声明（missing = [{codes}]）；如为测量值则无需处理。",
    "A code such as 999 counted as a value distorts every mean and coefficient.": (
        "将999之类的编码当作数值会使所有均值和系数失真。"
    ),
    "'{column}' has {n} with a label that seems to mean missing, kept as a level.": (
        "“{column}”有{n}的标签似表示缺失，暂按一个水平保留。"
    ),
    "If it means missing, declare it in the protocol; otherwise leave it.": (
        "如表示缺失，请在方案中声明；否则无需处理。"
    ),
}
