"""Two checkpoints that ``torch.save`` of PyTorch 2.13 made of one state dict, compressed by zlib, in base 85.

With ``x = torch.arange(24.0).reshape(2, 3, 4)`` the state is ``net``: an ``OrderedDict`` of ``weight`` x, ``turned``
``x.permute(2, 0, 1)``, ``strided`` ``x[:, 1:, ::2]``, ``parameter`` ``Parameter(x[1])`` and ``count`` ``tensor(3)``;
then ``half``, ``bfloat16``, ``double`` and ``int8``, x[0] as these types, ``mask`` ``x[0] > 3``, ``empty``
``zeros(0, 3)``, ``epoch`` 3 and ``list`` ``[x[0, 0], "text", None]``.
"""

import base64
import zlib


def unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


ZIP = (
    "c-p0xO>7%Q6vxLOaU3@!=?86EN(rSD2ikP~?KUZ~-E^C>rA@Z9HHG4A>`lCMWBb|Tejp)PRBZ}eP%nUlP=q*eLE;9-9uN`|96&<i&;t?|P!C"
    "j`IPzv@v)$b`O`C4=GWKfzzxSWnnKzp$B@iSe947Z%17riyn&ql-LEl%=s5a6#Z_0%}a@KWq{O<yZ76T}#=@fkBa@{obGBxV8R^&vpqBr%*g"
    "i)pu@DHmHh!#WG^P+CdS1AO`w2lczN^NSGtw^b<&$bP-QlfgTRd1Fq#3RrZjTXC6(ZZhEybd8DiO6PMqbJ492y_>H*hhje_fc-Np+^~{5Sdn"
    "p;#UGna1quiy-HB=Ekf`6Rp#Ug3VkZ{b33%%tmzdPsA9HisM=i(SGj&Y(+3%05jH43Mp%T6LcfW^lPYYs%r%V)0=9SogVS7&KZ~%H8^90S1m"
    "GzO+f{hF*n@zE*3=essyAWB3R7bDh`=-6EJM?X#z9_#XW0<1!A_CkISRW}c>X&7vU?F;P$63EViQzv*C-4Njy0jj>a}@$K40YX8H1NFfseu-"
    "oQL6I0o_YsM1_6rBCZ-z)yz4NT%1X~WpiSj6Nfl*dMPB>d~%~nVKgO}X$lz?vPHHCXXn_Hjiq6~3tN!IZ5w@nqZ2SH&|^0Gpg_MY(Bl+xD&+"
    "ZNuGHJJrVa%cc!J-wv4=P|2@?W)*v85NdqiL-DI8Vd6+Q_@jb=e{K@U~6rj0ztktujpAdlO~69PFUkkb@Y6;5*Gg4Q|@uem3nUN>#zDUM9TX"
    "@NXrBZ~t0x<H<#@P-O+@@K9uH0WhGx4d>ZAOmk9fKVtg03xoz3~~^l3BW9cvI-ReXw=J9(3JppXc{dFbLU__>RpXhzG<$4q4=)C+k$hRf~mp"
    "+S5o~Fh1zkwJu;<qhkyFv=PRRlo5j?MrDzMu*`;V?uHIbGXz7C9Y+;d+3uB&&^k`R%x%l><TUXeGuvpo}Hj=sP!YW85%{1m~3wn*pg~VEnq?"
    "63R_(k~Jk16~QG_anG+XiMYQ@zg0t6Ug;oCz=uN===4xO(u<t!$fw9_XQuyzDv^_DOQ#z+)H?)Xq5m$>A?X2V)82CdMBaB#&ni#t?>tk;9n6"
    "n89dZbTF=Ce1!1{#uCO?7~f!gmuDk;FMq2xgP@sJMz+g6vY1>LT6JUrOU?3p@cY-d892O3o-ucxxLnAR$C$q{oVfy-Acu)ej*!XDBstnS%KT"
    "iqvh>9ub{Jg6&mOm*gj|S{htH4CE|<%7a!a|JIecFEf&5Tj;`6S2Ja}de`IC>9-+A2`w?5=V6Smp`tKDR^gI2rUYKN?Lr`7JV+TA%ejyv6-{"
    "<ntplX{r-Lwx=~uq)IZ?uo2px%3|!H+qrQyGpLCJ6BpRB*|L$pU=8j{@+GVOYZ#SVe)6znt$an_LGfv4!hX*dy^z0%=Isy&!1Yoe(oUgy9J!"
    "vZs|<}EBHGadtWUX6}d3-h@+6Q@pLww%w!U&w3JL`G8svVWwHq=xnD|TW0{ncj%Q-2{mkW;-_QOVMITY_(&y(Z)bi;(2nX(Q?tKsUs+|Ye7M"
    "JqFAX(|?^g^76&^GtM(?uR|@_9MVgJivnbHl;04=}IXS*`nA^35UQIeWZXX9ad^?|8K_uhv;D-CFjN@2=Qht+Ud(wSRfF39r^!UEJDg*rQE)"
    "wa#kc)=E7dZOW^4?sT{IGp{ziti69Na9-OZ9&N^(*SS~wUD}RAyTTfEZlN76@vjc?{WtfN5(@2EE(L+T_Y7dUZCPjfrFF|kdx-s)M{Zjk#9L"
    "xlNND<af6@1U90^`R"
)
"""As PyTorch writes since 1.6."""
LEGACY = (
    "c-noG%XiyE6vib>end^%Pzt0_z?8N)Jc8^xb_|8cY3e4ZO%s)ecm&sxCy`o3@|DJga!$|Drg31!k_C$_yX=x>|CDaovE>{VTxq6imAaA7=PQ"
    "jy-|x=Mor!Y4DeixNcK$8jda!nCHp*T5Tf+Z)AXLmLK@bLkPkqaGyLU(sI=%-Yb}*0P8`q)KC0*k6ot_7|JyXF(dUrs&q4Ns~LAnQW#mr-4X"
    "!`+$yq+^9d~!Sr1zk4f*u(d>p{UEl;S*-u!y^<#3!yHtC^AFkdeA2U=`T4JRUkKGfK)LH*z+giY}*uMi~50O&vu8@aYLmWkj<gv_PdmLp&xY"
    "b)D*~9DrPax1$*|k2^82TO2_qk^ag8GplBY$KCODQI@eO0YO~c+>rhIPvIaw#(5F`^DC@eQ=X6PzM{q=+)MZ^9!Q`)YoYzqb#|${0Bu9sVNB"
    "S^jBik<6W4&LpndgbvQ;uCn@Ukw(t|K_fJYS*kssXR@^aH1lrqhR+p5msjuP2uH8^Ie%qIh$fnZ8NkEd$;*C*n2k1-%_YNdV;+Ok~<afp-og"
    "pW)<p*Aa&kv<qkB>Dh&IjC!8Jdj?eYl82cQyl=n<Nr_ng5X<62=FOMpDi%k&G9Nv~&DYdMt5%z9z%1fK#C?pjH#5T!Dut>6wP8|UcF)~{3mM"
    "mCY)W102V5_x=sJh4ljz!r*CZK4lMP~?5n2>JG2m0Pgr9D1#r0Edz{Lz?vBR2E&}UiDT%%E|!{;2dkb*P@YBSIxg-Zr3CB@YDhnp^e%Nfj4("
    "wIUz2O!OQU4<(gvYbLz7~~5E(J5Rt;94?WxHactHG{Zh_kt8~{QzKIRaIEyfb|q$Fu)B4_>#g`27H|Wc6#A$_$E75zVD_0Gh0-6gGKc%2Yi<"
    "TzGr|R7+{0Kj|Oy;IwCs*dKYd!U!yGFYPAMEv=h*7Gqyv+U9iv<?fT3P51%aqwwc|)w`{O=iJewXNWs~FTb0B1z-_(<++<7NhaFwK4<7UODG"
    "UsN#Ep`lDFmw|KKeG|qi;-wh~ri?H*OWAaYL2IZJPYJnlFqSNpak2l*sI)@Z^dX1WnT-ZC`t&J=TQwRJ+_(+fUy=d;PP(Z!{K4JWla=lE-Nt"
    "PxDyj@eGe=c|5PB95E-!`9iTYp&Ut@c$9d2CZ~&-!J@DvToyXQ6=6AA7FME_=}fNC0?SiFMW}t$Bh=%V-Nu|zWt582P;020r~xWM?V)~0{ej"
    "v?JwQD~{gs&;kzfA<XzRji"
)
"""As PyTorch wrote before (``_use_new_zipfile_serialization=False``)."""
