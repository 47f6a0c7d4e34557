"use strict";(()=>{try{let t=localStorage.getItem("supportdesk:theme");(t==="light"||t==="dark")&&(document.documentElement.dataset.theme=t)}catch{}})();
