"""Colors chosen by hand: printed palettes, and the four ranges that tartans are woven in.

A printed palette is ground, main motif, companion, accent and detail. The main motif stands clear of the ground and the detail
clear of the main motif, so that any rule may draw with any palette.
"""

LIGHT_GROUNDS = {
    "fildişi": ("#F6EFE0", "#2F4858", "#86A397", "#D1603D", "#B9C7BE"),
    "gül kurusu": ("#F8EAE4", "#B5586A", "#8A9B7A", "#E9A58F", "#6B2737"),
    "adaçayı": ("#EEF0E4", "#5F7F63", "#A9BC9A", "#D98E73", "#2F4635"),
    "şeftali": ("#FDEBDD", "#DB6C47", "#7FA39A", "#F4B183", "#8C3B26"),
    "buz mavisi": ("#E8F1F5", "#2E6F9E", "#93BBD0", "#F2A65A", "#173F5F"),
    "lavanta": ("#F0EBF5", "#7B68A8", "#A8B89A", "#E3A7B8", "#3F3466"),
    "limon": ("#FBF4D6", "#2F6D62", "#E2B33C", "#E8744F", "#173C36"),
    "kum": ("#EBE0CC", "#7B5A3F", "#A89A7C", "#C0563B", "#3F2D20"),
    "turkuaz": ("#E8F5F2", "#0F8B8D", "#8CC8BC", "#EC9A29", "#143642"),
    "mercan": ("#FFF2EB", "#E0552F", "#F0A890", "#2A7F8E", "#7A2413"),
    "pudra": ("#F4DCD8", "#8C3A4F", "#D29298", "#5E7F73", "#4B1D2B"),
    "keten": ("#EFE9DC", "#3F5E5A", "#B8A88A", "#C98B5E", "#1F3331"),
}
DARK_GROUNDS = {
    "lacivert": ("#1C2B4A", "#EADFC8", "#7E97B8", "#DB7B5E", "#3E5C8A"),
    "gece": ("#17181C", "#F1E9DA", "#9DAA97", "#D8A548", "#7A4B3A"),
    "bordo": ("#4A1524", "#F0D9C8", "#C0707B", "#E0A458", "#8A3A4A"),
    "zümrüt": ("#0F3D36", "#EFE6D0", "#6FA58A", "#E58F65", "#1F6B5A"),
    "patlıcan": ("#34203F", "#E9D8E4", "#A583B5", "#E7A977", "#6A4A7C"),
    "antrasit": ("#33363B", "#E4E2DC", "#9AA3AB", "#E3B23C", "#5F666E"),
    "petrol": ("#12414D", "#F2E3CF", "#6FA8A8", "#F0836B", "#1E6B78"),
    "kahve": ("#3B2A22", "#EBD9BF", "#B58A63", "#8FB0A5", "#6E4A36"),
    "kiremit": ("#B5532F", "#FBEBD8", "#E9A77B", "#2F4B4F", "#7E3320"),
    "zeytin": ("#5A5E30", "#F3EBD3", "#B6B27A", "#E08E45", "#3B3F1E"),
    "vişne": ("#7A1832", "#F9E3DD", "#D98A93", "#F0C38E", "#4A0D1F"),
    "çivit": ("#2B3A7A", "#EDEBF5", "#8E9BD0", "#F0B5A0", "#55639F"),
}
THREADS = ("R", "BK", "G", "B", "W", "Y", "AZ", "CR", "PU", "GY", "MN", "LG", "BR", "OR", "LV", "DB", "MA", "LIL")
TARTAN_RANGES = {
    "modern": "#B3202C #14161A #0B4D2C #1E2A5E #F1EDE4 #E3B21C #4F8FC0 #8E1230 #4E2360 #7D8287 "
    "#5E1224 #6E9E57 #5B3A1E #D96B1F #8E77B5 #141C3F #6B1230 #A487BE",
    "ancient": "#CF4B3E #2D2F33 #4E8B5B #5B83B5 #F3EFE4 #E6C14E #8DBBDB #B03A50 #7B5A96 #A3A7A6 "
    "#8A3A48 #9CBF86 #8A6A44 #E28B4B #AE9BCB #3A5283 #97465C #BFA8D3",
    "weathered": "#A2564A #41403C #707A56 #65727E #DDD3BF #BFA45C #93A4A9 #8C4C50 #6F5A70 #98958B "
    "#6E4147 #98A07A #76624A #B87F55 #9A8E9E #464F5C #784950 #A596A6",
    "muted": "#8F2F35 #26282B #3A5A43 #37476B #E3DCCB #C79B3B #6C90A8 #742538 #523A5E #83857F "
    "#552330 #75895E #5F4730 #B5653A #837596 #232C48 #62283A #95829F",
}
PALETTES: dict[str, tuple[str, ...]] = {
    **LIGHT_GROUNDS,
    **DARK_GROUNDS,
    **{name: tuple(colors.split()) for name, colors in TARTAN_RANGES.items()},
}
