const onward = document.getElementById("continue").href;
const leave = () => location.replace(onward);
addEventListener("load", leave);
setTimeout(leave, 3000);
