"""Small XLS files, made once with xlwt, packed: one with a date, one with a cell at the far corner, one that is damaged."""

import base64
import zlib


def unpack(text):
    return zlib.decompress(base64.b85decode("".join(text.split())))


DATED = unpack("""
c-rk)O=uHA6#i!NzqH9Fra~*mP_Sxk55<d@cCA!<N~s3%hk~{mL@H?sUi6^VnxiOqQoI!E!AsSPKj=Yk9)t!x2!fC(o;(SP9@?yL-tN}4DkPwV
%6!YbdGlu8%$u1vZ)dkOA1}|`Z>wMh`rt#=jv!bg6O<xe!35RYwqm_JOv%<*Q;39VBZC1vX?__}d#Lui0*QP6=R|?`ltwU#p^1Dhy^7e)HjD~o
LoZQ*TO^61m90uJJ<fC;)4SaADbrmnxx%!U+Lpx;%v(d9J6$h6B-
^<z3f1pJ)_Kd49<<<v^5P5Egwr;F{=%uz(`&3E<!{0)XhR2c`CLJjW4H|iI85lyWV#0i%1F{?&*H0{2EKTw`dM1bS641T^6$&#p+CsOw23R_*Q
Fnrf_;n+Ns$6{(C_#{b^+~Byh=WZ($xdmZ&_;fF}LZYfSAmY%lG#fDynl7FqcJvW<DKFL{A{be4NjSNoFkE`TQy~Hf$Yb$rML^=l!r*nFAXal?
EwCxyH9dJ6U5p(@Wgz2IkwCCdq**?-*`znZ488<}%lI&^S97udOXL{8r+NpY}aU6+c+ph@Ts*oJ-EVv1Vxg5wc$JGmS3MC2rnOcx-vOaAV0krm
erkm9R8j+imwH7{j7ENrX64r=(U#ES03YR!Up`Mq9GBT95P6;29=hlq9YDMk-
0SPQ6VXwGdJQDG6VnOyGgirXcqd1~fD@G&D3cG&D5og5cY#b2nEv_ker*54rz!7AaNrZ<7BO`!PY!8TzQ)gFNL0oNdT|)*~RizC@im-
v2^{gEV>p;}~N*#vAru`g#+!^Ql|W{Ch{J(ebN|*!hpg{{cev&`t
""")
FAR_CORNER = unpack("""
c-rk)J!n%=6#njO()`e-FEtffp@f39)-K}W(moZmlcnmQh@gqhAT6l`7hSB@jDp~#xD>j$)VlbC4!SuA6&(aYNOW`(6dc+-&-
wBmChE|D7A^OC-0z-u?mhR1bMATE_i80wS-9U<#ZMSR8)|+6?F~93B@w>3kapi!F|6ZKe2f1IiMTkjJ&GrtFJtOM^>-BxmLt!Ffe%tn;XEd0i-
qh4;sDo>GrERRVS_uONuigk>L#BhZz11f&!^;l)LbWzO5ch(i4|{RcyAEJC!7JcrJ&<Jq|G~OcB2O`G>R|ZF!jDs>@S_m&HS4U{gDnVLi{#fC>
Bb&nF=!Ez(suZv%r_|q&~}9{l@AIME|W>AN!5|rV|0?;GbcDmnFF_x78hdY*iAhMx;~EyE!TOq~>3qSGVcBb~27Tgs0F&IZZoPGV<!(&#w>XC%
x0u%rQsTGx>I%96qk7g&3zAvb@qTEq0Nwa@1{<`^XuIL8%8PdjjFmJo{W@>!8fDhj`=dXpo0QE`K`msK5Nt+bQzWc=b|d>8-
bb0onYN*y}To5i??L-
%>pG!rBC<{yn+(mkbbh++h8Fu#qmTAxSY!)*k#)ndTn)`AT!&V@@|7=wOmVejo`83kwSi3kwSii_HNO+%fdtq4$AkaHog`|8>@+)a-
APO^c(LmFI$7Ob?<cbqN<+il42Bns6+$PMh$5q2jpAUcxl;T*q|F@hf*i)3~2?8@hk)2(>zYt(A5D<@vt@E=0YD
""")
# Where a length stands: the native reader asks for 254 GB and aborts its process, which no handler can catch.
DEADLY = DATED[:1634] + b"\x80\x00\x80\x81\x80" + DATED[1639:]
